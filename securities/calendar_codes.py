"""Which trading calendar a market follows: Yahoo's spellings of exchanges to the library's codes.

What is not here has no calendar: a wrong one would call holidays gaps. So have Tel Aviv and Athens, whose calendars
this version of the library gets wrong or not at all.
"""

_SUFFIXES = {
    "XAMS": "AS", "XASX": "AX", "XBKK": "BK", "XBOM": "BO NS", "XBRU": "BR", "XBUD": "BD", "XBUE": "BA", "XCSE": "CO",
    "XDUB": "IR", "XDUS": "DU", "XETR": "DE", "XFRA": "F BE MU SG", "XHAM": "HM HA", "XHEL": "HE", "XHKG": "HK",
    "XIDX": "JK", "XIST": "IS", "XJSE": "JO", "XKLS": "KL", "XKRX": "KS KQ", "XLIS": "LS", "XLON": "L IL", "XMAD": "MC",
    "XMEX": "MX", "XMIL": "MI", "XNZE": "NZ", "XOSL": "OL", "XPAR": "PA", "XPRA": "PR", "XSES": "SI", "XSGO": "SN",
    "XSHG": "SS SZ", "XSTO": "ST", "XSWX": "SW", "XTAI": "TW TWO", "XTKS": "T", "XTSE": "TO V CN NE",
    "XWAR": "WA", "XWBO": "VI", "BVMF": "SA",
}  # fmt: skip
_EXCHANGES = {
    "XNYS": "NasdaqGS, NasdaqGM, NasdaqCM, Nasdaq, NASDAQ GIDS, NMS, NGM, NCM, NAS, NIM, NYSE, NYQ, NYSEArca, PCX, "
    "NYSE American, NYSE MKT, ASE, BATS, BTS, Cboe US, SNP, DJI, Dow Jones, PNK, OQB, OQX, OTC Markets OTCPK, "
    "OTC Markets OTCQB, OTC Markets OTCQX",
    "XAMS": "Amsterdam, AMS", "XASX": "ASX", "XBOM": "BSE, NSE, NSI", "XBRU": "Brussels, BRU",
    "XCSE": "Copenhagen, CPH",
    "XETR": "XETRA, GER", "XFRA": "Frankfurt, FRA", "XHEL": "Helsinki, HEL", "XHKG": "HKSE, HKG",
    "XJSE": "Johannesburg, JNB", "XKRX": "KSE, KSC, KOSDAQ, KOE", "XLIS": "Lisbon, LIS", "XLON": "LSE, IOB, FTSE Index",
    "XMAD": "MCE", "XMEX": "Mexico, MEX", "XMIL": "Milan, MIL", "XNZE": "NZSE, NZE", "XOSL": "Oslo, OSL",
    "XPAR": "Paris, PAR", "XSES": "SES", "XSHG": "Shanghai, SHH, Shenzhen, SHZ", "XSTO": "Stockholm, STO",
    "XSWX": "Swiss, EBS", "XTAI": "Taiwan, TAI", "XTKS": "Tokyo, JPX, Osaka",
    "XTSE": "Toronto, TOR, TSXV, VAN", "XWAR": "WSE", "XWBO": "Vienna, VIE", "BVMF": "Sao Paulo, SAO",
}  # fmt: skip

BY_SUFFIX = {suffix: code for code, suffixes in _SUFFIXES.items() for suffix in suffixes.split()}
"""What follows the last dot of a symbol."""
BY_EXCHANGE = {name.strip().casefold(): code for code, names in _EXCHANGES.items() for name in names.split(",")}
"""By name or short code, in lower case."""
