from django.urls import path

from finances.users.api import lifecycle_views, session_views, token_views, totp_views, views
from finances.users.api.export import ExportView

urlpatterns = [
    path("auth/register", views.RegisterView.as_view(), name="register"),
    path("auth/login", views.LoginView.as_view(), name="login"),
    path("auth/refresh", views.RefreshView.as_view(), name="refresh"),
    path("auth/logout", views.LogoutView.as_view(), name="logout"),
    path("auth/forgot-password", lifecycle_views.ForgotPasswordView.as_view(), name="forgot-password"),
    path("auth/reset-password", lifecycle_views.ResetPasswordView.as_view(), name="reset-password"),
    path("auth/change-password", lifecycle_views.ChangePasswordView.as_view(), name="change-password"),
    path("auth/verify-email", lifecycle_views.VerifyEmailView.as_view(), name="verify-email"),
    path("auth/resend-verification", lifecycle_views.ResendVerificationView.as_view(), name="resend-verification"),
    path("auth/sessions", session_views.SessionListView.as_view(), name="session-list"),
    path("auth/sessions/<str:pk>", session_views.SessionDetailView.as_view(), name="session-detail"),
    path("auth/tokens", token_views.TokenListView.as_view(), name="token-list"),
    path("auth/tokens/<str:pk>", token_views.TokenDetailView.as_view(), name="token-detail"),
    path("auth/totp", totp_views.TotpView.as_view(), name="totp"),
    path("auth/totp/confirm", totp_views.TotpConfirmView.as_view(), name="totp-confirm"),
    path("users/me", views.MeView.as_view(), name="me"),
    path("users/me/export", ExportView.as_view(), name="export"),
    path("users", views.UserListView.as_view(), name="user-list"),
    path("users/<str:pk>", views.UserView.as_view(), name="user-detail"),
]
