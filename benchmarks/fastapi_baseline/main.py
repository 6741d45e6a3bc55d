import os

from fastapi import APIRouter, FastAPI
from fastapi.middleware.cors import CORSMiddleware

from benchmarks.fastapi_baseline import accounts, auth, securities
from benchmarks.fastapi_baseline.log import LeanRequestLog, RequestLog
from benchmarks.fastapi_baseline.schemas import Health

api = APIRouter(prefix="/api/v1")
for module in (auth, securities, accounts):
    api.include_router(module.router)

app = FastAPI(title="The FastAPI baseline")
app.include_router(api)
app.add_middleware(CORSMiddleware, allow_origins=["https://finances.example"])
app.add_middleware(LeanRequestLog if os.environ.get("LEAN") else RequestLog)


@app.get("/health")
async def health() -> Health:
    return Health(status="healthy")
