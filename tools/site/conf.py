"""What Sphinx is told: pages are Markdown, every doubt fails, the look is ours, with the web app's tokens."""

from importlib.metadata import version as installed
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

HERE = Path(__file__).parent
UI = HERE.parents[1] / "web" / "src" / "lib" / "ui"

project = "Nonet"
version = installed("nonet")
copyright = "the people who wrote it"  # noqa: A001 - Sphinx's name
extensions = ["myst_parser"]
html_theme = "theme"
html_theme_path = [str(HERE)]
html_title = "Nonet"
html_copy_source = False
html_static_path = [str(UI)]  # its css and fonts: the site wears what the web app wears
html_favicon = str(HERE.parents[1] / "web" / "static" / "icon.svg")
html_baseurl = ""
html_permalinks_icon = '<span aria-hidden="true">#</span>'  # its name is its title: "Link to this heading"
html_domain_indices = False
html_use_index = False
html_search_language = "en"
myst_enable_extensions: list[str] = []
myst_heading_anchors = 4
smartquotes = False  # pages say what they mean
exclude_patterns = ["files/**", "*.svelte", "*.ts", "css/parts.css", "css/plain.css", "css/shell.css"]


class Translator(HTML5Translator):
    """Writes HTML in which a wide table scrolls by itself, and pictures come as late as they are needed."""

    def visit_table(self, node: nodes.Element) -> None:
        """Put a table into a box of its own."""
        self.body.append('<div class="wide">')
        super().visit_table(node)

    def depart_table(self, node: nodes.Element) -> None:
        """Close the box."""
        super().depart_table(node)
        self.body.append("</div>")


def setup(app: Sphinx) -> None:
    """Use our translator."""
    app.set_translator("html", Translator)
