"""Loading yfinance once, late and tamed: its import costs seconds and its defaults hide failures."""

import atexit
import shutil
import tempfile
import warnings
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from finances.yahoo.session import YahooSession


@lru_cache(maxsize=1)
def _own_folder() -> Path:
    """This process's temporary folder: the library's disk caches lock when several processes share one."""
    folder = tempfile.mkdtemp(prefix="finances-yahoo-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@lru_cache(maxsize=1)
def _yfinance() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import yfinance
    from pandas.errors import Pandas4Warning

    # Raised inside the library by the hundred; it is about the library's own code.
    warnings.filterwarnings("ignore", category=Pandas4Warning)
    yfinance.set_tz_cache_location(str(_own_folder()))
    yfinance.config.debug.hide_exceptions = False
    yfinance.config.network.retries = 0
    return yfinance


class Library:
    """yfinance with this process's session in it."""

    def __init__(self) -> None:
        self.yfinance = _yfinance()
        self.session = YahooSession(_own_folder())
        self._resetting = Lock()
        self.resets = 0

    def ticker(self, symbol: str) -> Any:
        self._forget_answers()
        return self.yfinance.Ticker(symbol, session=self.session)

    def search(self, query: str, limit: int) -> list[dict[str, Any]]:
        self._forget_answers()
        found = self.yfinance.Search(query, max_results=limit, news_count=0, lists_count=0, session=self.session)
        return list(found.quotes)

    def drop_credentials(self, seen_resets: int) -> None:
        """Forget cookie and crumb everywhere, unless another call has done so since `resets` was `seen_resets`."""
        from yfinance.cache import get_cookie_cache
        from yfinance.data import YfData

        with self._resetting:
            if self.resets != seen_resets:
                return
            self.resets += 1
            get_cookie_cache().store("curlCffi", None)
            self.session.drop_credentials()
            data = YfData(session=self.session)
            data._cookie = data._crumb = None
            data._cookie_strategy = "basic"

    def _forget_answers(self) -> None:
        # The library remembers answers to past ranges for the life of the process, failures included.
        self.yfinance.data.YfData.cache_get.cache_clear()
