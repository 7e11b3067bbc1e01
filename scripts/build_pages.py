"""Write ``content/tactics.html``, the packaged page that a tag's link opens, from the Markdown in ``content/``."""

from __future__ import annotations

import html
from pathlib import Path

from markdown_it import MarkdownIt

from coercion_detect.help_lines import INTERNATIONAL, advice, all_help_lines
from coercion_detect.taxonomy import TACTICS, note, tactic

TARGET = Path(__file__).parents[1] / "src" / "coercion_detect" / "content" / "tactics.html"

STYLE = """
:root { color-scheme: light dark; --ink: #1d2327; --paper: #fdfcfa; --quiet: #5b6670; --line: #d9d5cd;
  --leave: #8a1c1c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e6e1; --paper: #16191c; --quiet: #a3adb6; --line: #3a4046; --leave: #b93a3a; }
}
body { font: 1.05rem/1.6 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0; }
main { max-width: 42rem; margin: 0 auto; padding: 1rem 1.25rem 6rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
h2:target { background: color-mix(in srgb, var(--ink) 8%, transparent); }
blockquote { margin: 0; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--quiet); }
.note { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; }
nav ol { padding-left: 1.25rem; } a { color: inherit; }
.leave { position: fixed; right: 1rem; bottom: 1rem; background: var(--leave); color: #fff; padding: .7rem 1.1rem;
  border-radius: .5rem; text-decoration: none; font-weight: 600; }
@media print { .leave { display: none; } details > * { display: block; } }
"""


def build() -> str:
    """Return the whole page: self-contained, without scripts, readable without a network."""
    render = MarkdownIt("commonmark", {"html": True})
    tactics = [tactic(name) for name in TACTICS]
    contents = "".join(f'<li><a href="#{t.id}">{html.escape(t.title)}</a></li>\n' for t in tactics)
    sections = []
    for t in tactics:
        body = render.render(t.explanation).replace("<h2>", "<h3>").replace("</h2>", "</h3>")
        sections.append(f'<section>\n<h2 id="{t.id}">{html.escape(t.title)}</h2>\n{body}</section>\n')
    warning = html.escape(note())
    lines = "".join(
        f"<li>{html.escape(line.country_name)}: {html.escape(line.name)}"
        + (f", call {html.escape(line.phone)}" if line.phone else "")
        + (f', <a href="{html.escape(line.url)}" rel="noreferrer">{html.escape(line.url)}</a>' if line.url else "")
        + "</li>\n"
        for line in sorted(all_help_lines(), key=lambda line: line.country != INTERNATIONAL)
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Twelve tactics, explained</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>Twelve tactics, explained</h1>
<p>These pages are about pressure for sex.
Examples are folded away at the end of each. You can stop reading at any time.</p>
<p class="note">{warning}</p>
<p><a href="#help">People who listen, by country</a> stand at the end of this page.</p>
<nav aria-label="Tactics"><ol>
{contents}</ol></nav>
{"".join(sections)}<h2 id="help">People who listen</h2>
<p>{html.escape(advice())}</p>
<ul>
{lines}</ul>
<p class="note">{warning}</p>
</main>
<a class="leave" href="https://www.wikipedia.org/" rel="noreferrer">Leave this page</a>
</body>
</html>
"""


if __name__ == "__main__":
    TARGET.write_text(build(), encoding="utf-8", newline="\n")
    print(f"wrote {TARGET}")
