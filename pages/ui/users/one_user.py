"""What can be done with one user: another role, other customers in sight, a link for a password, out, and in again?"""

from collections.abc import Callable, Iterable
from typing import TypeAlias, TypeVar

import streamlit as st

from insights.access import Reach, Role
from insights.ledger.errors import Refused
from insights.services import customer_groups, failures, sign_in, users
from insights.services.sign_in import OIDC, PROXY
from insights.store.records import NAMELESS, User
from insights.store.settings import Settings
from pages.ui.shared import dialogs, session, widgets
from pages.ui.shared import format as fmt

LINK = "invitation_link"  # what one run keeps for the next, which shows it and forgets it
Groups = frozenset[tuple[str, str]]
Limit = TypeVar("Limit", str, tuple[str, str])
Words: TypeAlias = Callable[[Limit], str]


def keep_link(user: User, secret: str) -> None:
    """A link is shown by the next run, and by no later one."""
    session.remember(LINK, (user.name, users.link_of(secret)))


def link_once() -> None:
    """Shows the link that was just made; it is kept nowhere."""
    link = session.recall(LINK)
    session.remember(LINK, None)
    if isinstance(link, tuple):
        name, address = link
        with st.container(border=True):
            st.markdown(":green[:material/link:] **A link, shown this once**")
            st.text(f"Give it to {name}: it sets a password, once, within three days. Earlier links count no more.")
            st.code(address, language=None, wrap_lines=True)


def show(user: User) -> None:
    """The open user: what may be changed, and the buttons."""
    with st.container(border=True):
        widgets.data_heading(user.name)
        state = "may sign in no more" if user.disabled else f"{user.role.words}, sees {user.reach.words}"
        st.text(f"Here since {fmt.moment(user.created_at)}; {state}.")
        with st.form(f"user-{user.id}", border=False):
            role = ask_role(user.role, key=f"role-{user.id}")
            reach = _reach(user)
            if st.form_submit_button("Save", type="primary", icon=":material/save:"):
                _save(user, role, reach)
        _buttons(user)


def ask_role(now: Role, *, key: str) -> Role:
    """What somebody is here for."""
    names = {role.value: role.words.capitalize() for role in Role}
    return Role(str(st.selectbox("Role", list(names), list(names).index(now), format_func=names.__getitem__, width=220, key=key)))


def _save(user: User, role: Role, reach: Reach) -> None:
    store, actor = session.workspace(), session.person()
    users.assign(store, user, role, reach, actor=actor)
    session.tell(f"{user.name}: {role.words}, sees {reach.words}.")
    st.rerun()


def _reach(user: User) -> Reach:
    """The limits that are asked for: none where nothing is chosen; but one that names nobody stays until it is lifted."""
    st.caption("Limited to these; where nothing is chosen, all customers are in sight. Of several kinds, customers are in each.")
    companies, groups, owners = _known()
    now, lifted = user.reach, False
    if frozenset() in (now.companies, now.groups, now.owners):
        st.text("Sees nobody, by a limit that names none or could not be read. It stays until another is chosen in its place.")
        lifted = st.checkbox("Lift the limit that names nobody", key=f"lift-{user.id}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        of_companies = _limit("Companies", companies | (now.companies or set()), now.companies, lambda name: name or NAMELESS)
        of_groups = _limit("Groups", groups | (now.groups or set()), now.groups, ": ".join)
        of_owners = _limit("Owners", owners | (now.owners or set()), now.owners, str)
    return Reach(
        _kept(of_companies, now.companies, lifted=lifted),
        _kept(of_groups, now.groups, lifted=lifted),
        _kept(of_owners, now.owners, lifted=lifted),
    )


def _kept(picked: frozenset[Limit], now: frozenset[Limit] | None, *, lifted: bool) -> frozenset[Limit] | None:
    """A limit after what was picked for it."""
    return picked or (now if now is not None and not now and not lifted else None)


def _limit(label: str, options: Iterable[Limit], now: frozenset[Limit] | None, words: Words[Limit]) -> frozenset[Limit]:
    none_picked = "All" if now is None or now else "Nobody"
    return frozenset(
        st.multiselect(label, sorted(options), sorted(now or ()), format_func=words, placeholder=none_picked, width=260)
    )


def _known() -> tuple[frozenset[str], Groups, frozenset[str]]:
    """The companies of all ledgers; groups and owners of the one that is shown."""
    companies = frozenset(company for ledger in session.contents().ledgers for company in ledger.companies)
    try:
        view = session.current()
    except (Refused, *failures.FROM_OUTSIDE):
        view = None
    if view is None:
        return companies, frozenset(), frozenset()
    groups = frozenset(customer_groups.groups(view.ledger, view.as_of))
    return companies, groups, frozenset(customer_groups.owners(session.workspace(), view.ledger, view.as_of))


def _buttons(user: User) -> None:
    """A link, out, no more, and in again; of oneself on the page of one's own account."""
    if user.id == session.person().user_id:
        st.caption("This is you: password and signing out are on “Your account”.")
        return
    with st.container(horizontal=True):
        if Settings().sign_in not in (OIDC, PROXY) and not user.disabled:
            label = "Reset the password" if user.has_password else "A new link"
            st.button(label, icon=":material/link:", key="reset_user", on_click=_reset, args=(user,))
        st.button("Sign out everywhere", icon=":material/logout:", key="sign_out_user", on_click=_sign_out, args=(user,))
        if user.disabled:
            st.button("Let in again", icon=":material/lock_open:", key="enable_user", on_click=_enable, args=(user,))
        elif st.button("Let in no more", icon=":material/block:", key="disable_user"):
            _ask_to_disable(user)


def _reset(user: User) -> None:
    """A callback: the password counts no more, and a link is shown."""
    with widgets.refusals():
        keep_link(user, users.reset_by_link(session.workspace(), user, actor=session.person()))


def _sign_out(user: User) -> None:
    """A callback."""
    with widgets.refusals():
        many = sign_in.out_everywhere(session.workspace(), user, actor=session.person())
        session.tell(f"{user.name} is signed out of {fmt.count(many, 'browser')}.")


def _enable(user: User) -> None:
    """A callback."""
    with widgets.refusals():
        users.enable(session.workspace(), user, actor=session.person())


@dialogs.of_person("Let in no more?", icon=":material/block:")
def _ask_to_disable(user: User) -> None:
    st.text(
        f"{user.name} is signed out everywhere within seconds, and links that were given count no more. All that was done stays."
    )
    widgets.confirm("Let in no more", _disable, (user,), "Leave it", key="disable_for_good")


def _disable(user: User) -> None:
    """A callback."""
    with widgets.refusals():
        users.disable(session.workspace(), user, actor=session.person())
        session.tell(f"{user.name} may sign in no more.")
