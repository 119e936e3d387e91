"""The server: `streamlit run app.py`. What is on the screens stands in `pages/`, what they show in `insights/`."""

import streamlit as st

from pages.ui.parts import script_error

# The script is not `app.py` itself: a folder `pages/` beside the main script would be served around the frame.
app = st.App("pages/main.py", on_script_error=script_error)
