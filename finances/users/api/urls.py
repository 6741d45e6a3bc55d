from django.urls import path

from finances.users.api import views

urlpatterns = [
    path("auth/register", views.RegisterView.as_view(), name="register"),
    path("auth/login", views.LoginView.as_view(), name="login"),
    path("auth/refresh", views.RefreshView.as_view(), name="refresh"),
    path("auth/logout", views.LogoutView.as_view(), name="logout"),
    path("users/me", views.MeView.as_view(), name="me"),
    path("users", views.UserListView.as_view(), name="user-list"),
    path("users/<str:pk>", views.UserView.as_view(), name="user-detail"),
]
