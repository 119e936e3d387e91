"""How is somebody let in? By a name, a role, and a link, or as the provider calls them."""

import streamlit as st

from insights.access import Role
from insights.services import users
from insights.services.sign_in import OIDC, PROXY
from insights.store.settings import Settings
from pages.ui.shared import query_params, session
from pages.ui.users import one_user, user_list

LET_IN = "users_let_in"  # how many this tab has let in: another form each time


def ask(*, first: bool) -> None:
    """The form, folded away where there are users."""
    settings = Settings()
    turn = int(str(session.recall(LET_IN) or 0))
    with (
        st.expander("Let somebody in", icon=":material/person_add:", expanded=first),
        st.form(f"newcomer-{turn}", border=False),
    ):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Name", max_chars=users.LONGEST_NAME, width=260)
            role = one_user.ask_role(Role.AGENT, key=f"as-{turn}")
        subject = ""
        if settings.sign_in == OIDC:
            subject = st.text_input("Subject", max_chars=200, width=260, help="How the provider calls them: the claim sub.")
        elif settings.sign_in == PROXY:
            st.caption("The name is that by which the proxy names them.")
        else:
            st.caption("A link is shown, once, by which they set their own password within three days.")
        if st.form_submit_button("Let in", type="primary", icon=":material/person_add:"):
            _let_in(name, role, subject.strip(), settings, turn)


def _let_in(name: str, role: Role, subject: str, settings: Settings, turn: int) -> None:
    store, actor = session.workspace(), session.person()
    known_as = (settings.oidc_issuer, subject) if settings.sign_in == OIDC else None
    if known_as and not subject:
        st.warning("Say how the provider calls them.", icon=":material/info:")
        return
    user = users.add(store, name, role, subject=known_as, actor=actor)
    if settings.sign_in not in (OIDC, PROXY):
        one_user.keep_link(user, users.invite(store, user, actor=actor))
    session.remember(LET_IN, turn + 1)
    session.tell(f"{user.name} may sign in, as {role.words}.")
    query_params.set_params(**{user_list.USER: user.id})
    st.rerun()
