"""What a member of staff does in the back office: look, click, and read what is drawn."""

from pathlib import Path

from playwright.sync_api import ConsoleMessage, FloatRect, Locator, Page, Request, Response

SERIES = """place => {
  const marks = [...place.querySelectorAll(".u-legend .u-series")].slice(1);
  return marks.map(mark => [
    mark.querySelector(".u-label").textContent,
    getComputedStyle(mark.querySelector(".u-marker")).borderColor,
  ]);
}"""
PIXELS = """(place, colours) => {
  const canvas = place.querySelector("canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const wanted = colours.map(colour => colour.match(/\\d+/g).slice(0, 3).map(Number));
  const counts = wanted.map(() => 0);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 200) continue;
    wanted.forEach((rgb, at) => {
      if (rgb.every((channel, c) => Math.abs(channel - data[i + c]) <= 8)) counts[at] += 1;
    });
  }
  return counts;
}"""


class Office:
    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.complaints: list[str] = []
        """Errors on the console, answers that are none, and requests to other hosts."""
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("request", self._watch)
        page.on("response", self._check)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"console: {message.text}")

    def _watch(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"request to elsewhere: {request.url}")

    def _check(self, response: Response) -> None:
        if response.status >= 400:
            self.complaints.append(f"{response.status}: {response.url}")

    def visit(self, path: str) -> None:
        self.page.goto(f"{self.url}/admin/{path}")

    def follow(self, clickable: Locator) -> None:
        """Click, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            clickable.click()

    def row(self, text: str) -> Locator:
        """The row of a list that holds `text`."""
        return self.page.locator("#result_list tbody tr").filter(has_text=text)

    def rows(self) -> int:
        return self.page.locator("#result_list tbody tr").count()

    def messages(self) -> list[str]:
        return self.page.locator(".messagelist li").all_inner_texts()

    def drawn(self) -> dict[str, int]:
        """Name of each series in the chart's legend -> pixels of its colour on the canvas."""
        place = self.page.locator("#price-chart")
        place.locator("canvas").wait_for()
        # The chart paints in a microtask after it was made.
        self.page.wait_for_function("() => new Promise(done => requestAnimationFrame(() => done(true)))")
        named: list[list[str]] = place.evaluate(SERIES)
        assert len({colour for _name, colour in named}) == len(named), f"two series look alike: {named}"
        counts: list[int] = place.evaluate(PIXELS, [colour for _name, colour in named])
        return {name.split(" (")[0]: count for (name, _colour), count in zip(named, counts, strict=True)}

    def picture(self, path: Path) -> None:
        """Of the page down to the end of its chart, or of what is on the screen."""
        self.page.mouse.move(0, 0)
        chart = self.page.locator(".price-chart")
        end = chart.bounding_box() if chart.count() else None
        width, height = self.page.evaluate("[innerWidth, innerHeight]")
        clip: FloatRect = {"x": 0, "y": 0, "width": width, "height": end["y"] + end["height"] + 10 if end else height}
        self.page.screenshot(path=path, animations="disabled", full_page=True, clip=clip)
