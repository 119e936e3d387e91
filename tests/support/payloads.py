"""Names as nobody has them: text that Markdown, HTML, Streamlit or a browser would make something of.

Run by Streamlit, it is a screen of them.
"""

SITE = "evil.example"
ADDRESSES = (
    f"https://{SITE}/a",
    f"http://{SITE}",
    f"HTTPS://{SITE}",
    f"www.{SITE}/x?y=z",
    f"WWW.{SITE}",
    f"ftp://{SITE}/f",
    f"ada@{SITE}",
    f"mailto:ada@{SITE}",
    f"//{SITE}/x",
    f"https://user:pw@{SITE}:8080/#a",
    f"xmpp:a@{SITE}/b",
    f"http://www.{SITE}.",
)
FORMS = (
    "{}",
    "![x]({})",
    "[x]({})",
    "<{}>",
    '<img src="{}">',
    "[x]: {}",
    "![x][1]\n\n[1]: {}",
    "\\![x]({})",
    "`{}`",
    "**{}**",
    "({})",
    '"{}"',
    "x\n\n{}",
    "![x](<{}>)",
    "> {}",
    "# {}",
    ":red[{}]",
    ":material/home: {}",
)
OTHERS = (
    "<script>document.title='owned'</script>",
    f'<iframe src="https://{SITE}"></iframe>',
    "<svg onload=alert(1)>",
    "[x](javascript:alert(1))",
    f'<a href="https://{SITE}" onclick=x>y</a>',
    "![](data:image/svg+xml;base64,PHN2Zy8+)",
    f"$$\\href{{https://{SITE}}}{{x}}$$",
    "$x$",
    ":red-background[x]",
    ":material/delete:",
    f"| a | b |\n|---|---|\n| ![x](https://{SITE}) | c |",
    "- [ ] task",
    "~~x~~",
    "&lt;img src=x&gt;",
    f"&#x21;[x](https://{SITE})",
    f"&#104;ttps://{SITE}",
    f"a\u2028![x](https://{SITE})",
    f"[^1]\n\n[^1]: https://{SITE}",
)
FORMED = [FORMS[at % len(FORMS)].format(ADDRESSES[(at + at // len(FORMS)) % len(ADDRESSES)]) for at in range(42)]
PAYLOADS = [*FORMED, *OTHERS]

if __name__ == "__main__":
    import streamlit as st

    from insights.messages import plain

    for at, payload in enumerate(PAYLOADS):
        text = plain(payload)
        st.markdown(text)
        st.caption(f"Of {text} and more")
        st.toggle(text, key=f"toggle-{at}")
        with st.expander(text, expanded=True):
            st.metric(text, text, text)
        st.radio(text, [text, "x"], key=f"radio-{at}", help=text)
        st.info(f"**{text}**")
    st.text("the end")
