"""How do the pages look that people see before they are in? Like the screens, in both themes; no script, no foreign file."""

from collections.abc import Sequence
from html import escape

STYLES = """
:root { color-scheme: light dark; --page: #fff; --field: #fff; --text: #1d2733; --quiet: #4a5766; --line: #8a94a0;
  --own: #1f5f99; --on: #fff; --bad: #b3202c; --side: #f3f5f8; }
@media (prefers-color-scheme: dark) { :root { --page: #12171e; --field: #1b222c; --text: #e3e8ee; --quiet: #9fabba;
  --line: #6b7785; --own: #3277b8; --on: #fff; --bad: #f58a93; --side: #1b222c; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--page); color: var(--text);
  font: 16px/1.5 Inter, 'Segoe UI', 'Helvetica Neue', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif; }
main { width: min(26rem, 100% - 2rem); padding: 2rem 0; }
main.wide { width: min(46rem, 100% - 2rem); }
h1 { font-size: 1.5rem; font-weight: 650; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; font-weight: 600; margin: 2rem 0 .5rem; }
.product { color: var(--quiet); margin: 0 0 .25rem; }
label { display: block; font-weight: 600; margin: 1rem 0 .25rem; }
input { width: 100%; font: inherit; color: inherit; background: var(--field); border: 1px solid var(--line);
  border-radius: 6px; padding: .5rem .75rem; }
button, a.button { display: inline-block; font: inherit; font-weight: 600; color: var(--on); background: var(--own);
  border: 1px solid var(--own); border-radius: 6px; padding: .5rem 1.25rem; margin-top: 1.25rem;
  cursor: pointer; text-decoration: none; }
button.quiet { color: var(--text); background: transparent; border-color: var(--line); margin-top: .5rem; }
:focus-visible { outline: 3px solid var(--own); outline-offset: 2px; }
.bad { color: var(--bad); border: 1px solid var(--bad); border-radius: 6px; padding: .5rem .75rem; }
.hint { color: var(--quiet); font-size: .875rem; margin: .25rem 0 0; }
a { color: inherit; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td:first-child { overflow-wrap: anywhere; }
"""


def page(title: str, *parts: str, wide: bool = False) -> str:
    """A whole page; the parts are HTML, made by the functions below."""
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} · Payment Insights</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<link rel="icon" href="data:,"><style>{STYLES}</style></head><body><main{" class=wide" if wide else ""}>'
        f'<p class="product">Payment Insights</p><h1>{escape(title)}</h1>{"".join(parts)}</main></body></html>'
    )


def text(sentence: str) -> str:
    return f"<p>{escape(sentence)}</p>"


def heading(words: str) -> str:
    return f"<h2>{escape(words)}</h2>"


def fault(sentence: str) -> str:
    """What went wrong, read out at once; nothing where nothing did."""
    return f'<p class="bad" role="alert">{escape(sentence)}</p>' if sentence else ""


def link(words: str, target: str, *, button: bool = False) -> str:
    return f'<p><a{" class=button" if button else ""} href="{escape(target)}">{escape(words)}</a></p>'


def form(target: str, *fields: str, do: str, quiet: bool = False) -> str:
    kind = ' class="quiet"' if quiet else ""
    return f'<form method="post" action="{escape(target)}">{"".join(fields)}<button{kind}>{escape(do)}</button></form>'


def field(label: str, name: str, *, fill: str, value: str = "", hint: str = "", first: bool = False) -> str:
    """A labelled field; `fill` says to password managers what it is for."""
    kind = "password" if fill.endswith("password") else "text"
    below = f'<p class="hint" id="{name}-hint">{escape(hint)}</p>' if hint else ""
    described = f' aria-describedby="{name}-hint"' if hint else ""
    return (
        f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" type="{kind}" autocomplete="{fill}" '
        f'value="{escape(value)}" required maxlength="1024" autocapitalize="none" spellcheck="false"'
        f"{described}{' autofocus' if first else ''}>{below}"
    )


def hidden(name: str, value: str) -> str:
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
