"""How does a model from elsewhere come in, and how does one go? It is tried first, then trusted by somebody who says why."""

import streamlit as st

from insights.access import Capability
from insights.model.imported import Tried
from insights.sandbox import folders
from insights.services import model_archive, uploads
from insights.services import models as use_cases
from insights.store import models
from insights.store.records import ModelRecord
from pages.ui.shared import dialogs, session, widgets
from pages.ui.shared import format as fmt

TAKEN = "imported_models"  # how many this tab has looked at: another is another uploader
ARRIVED = "arrived_model"  # what was tried, and waits for somebody to trust it
HARMLESS = "It is a model, and harmless to this computer. Whether what it predicts is worth anything, nobody here knows yet."
OURS = "This workspace trained this very model and wrote the file: it bears its signature."
FOR_THE_RECORD = "Who gave it to you, and how it came here: for the record"


def take_in() -> None:
    """The way in for a model from elsewhere, as the file that "The model itself" gives."""
    arrived = session.recall(ARRIVED)
    with st.expander("Take in a model from elsewhere", icon=":material/move_to_inbox:", expanded=arrived is not None):
        if isinstance(arrived, Tried):
            _ask_for_trust(arrived)
        else:
            _ask_for_file()


def _ask_for_file() -> None:
    turn = int(str(session.recall(TAKEN) or 0))
    file = st.file_uploader("A model's file", type=["zip"], key=f"model-file-{turn}")
    st.caption("It is checked and tried in a process of its own, which can do nothing else.")
    if file is None:
        return
    session.remember(TAKEN, turn + 1)
    uploads.note(session.workspace(), {file.name: file.size}, actor=session.person(), needs=Capability.PUBLISH)
    with st.spinner("Trying the model …"), folders.temporary() as folder:
        path = folder / "model.zip"
        path.write_bytes(file.getbuffer())
        session.remember(ARRIVED, model_archive.examined(path))
    st.rerun()


def _ask_for_trust(arrived: Tried) -> None:
    """What its archive says of it, and the form in which somebody vouches for it."""
    ours = model_archive.is_ours(session.workspace(), arrived)
    st.text(OURS if ours else HARMLESS)
    with st.columns([3, 2])[0]:
        widgets.facts(_facts(arrived))
    with st.form("trust"):
        reason = "" if ours else st.text_input("Why do you trust it?", placeholder=FOR_THE_RECORD)
        with st.container(horizontal=True):
            label = "Take it in" if ours else "Trust it and take it in"
            trusted = st.form_submit_button(label, type="primary", icon=":material/verified_user:")
            left = st.form_submit_button("Leave it", icon=":material/close:")
    if left:
        session.remember(ARRIVED, None)
        st.rerun()
    if trusted and not ours and not reason.strip():
        st.warning("Say why you trust it first: that is recorded.", icon=":material/info:")
    elif trusted:
        taken = model_archive.take_in(session.workspace(), arrived, trust=reason, actor=session.person())
        session.remember(ARRIVED, None)
        session.remember(session.MADE, taken)
        st.rerun()


def _facts(arrived: Tried) -> dict[str, str]:
    """Names and values."""
    model, origin = arrived.model, arrived.origin
    return {
        "Called": origin["name"] or fmt.NOTHING,
        "Made by, as its archive says": origin["actor"] or fmt.NOTHING,
        "Made on": origin["created_at"][:10] or fmt.NOTHING,
        "Trained as of": fmt.day(model.trained_as_of),
        "Very late after": fmt.days(model.recipe.very_late_days),
        "Fields": fmt.count(len(model.fields)),
        "Model": origin["id"],
    }


def claimed(record: ModelRecord) -> None:
    """Of a model from elsewhere: that its figures are what its archive says."""
    if record.imported:
        st.info(
            "This model came from elsewhere. The figures below stand in its archive: nobody has checked them here, and they "
            "count for nothing when it is published. It says nothing of any invoice until then.",
            icon=":material/move_to_inbox:",
        )


def delete_button(record: ModelRecord, *, in_force: bool) -> None:
    """Asks before the model is deleted; one that is in force has to be rolled back first."""
    if st.button(
        "Delete this model", icon=":material/delete:", type="tertiary", key=f"delete-model-{record.id}", disabled=in_force,
        help="It is in force: roll back or publish another first." if in_force else None,
    ):  # fmt: skip
        _ask_to_delete(record)


@dialogs.of_person("Delete this model?", icon=":material/delete:")
def _ask_to_delete(record: ModelRecord) -> None:
    st.text(f"“{record.name or record.id}” and what it predicted will be deleted for good. That it was there stays on record.")
    widgets.confirm("Delete for good", _delete, (record,), "Keep it", key="delete_model_for_good")


def _delete(record: ModelRecord) -> None:
    """A callback: deletes the model, unless somebody else just did."""
    if record.id in {model.id for model in models.listed(session.workspace())}:
        use_cases.delete(session.workspace(), record.id, actor=session.person())
