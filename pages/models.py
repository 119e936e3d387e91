"""Which model speaks, how good is it, and can another do better?"""

import streamlit as st

from pages.ui.models import comparison, field_effects, model_details, publishing, taking_in, train_form
from pages.ui.shared import format as fmt
from pages.ui.shared import labels, session, widgets

view = session.require_ledger()
held = session.contents()
lineage = held.ledger(view.ledger.id).lineage_id
in_force, standing = held.published.of_all(lineage), held.published.active_publications()
widgets.title("Models", f"Train as of {fmt.day(view.as_of)}, judge against the baselines, publish, roll back")
busy = train_form.progress(view)

models = {record.id: record for record in held.models}
published = models.get(in_force.model_id) if in_force else None
names = labels.models(models.values(), {record.id: record.name for record in held.ledgers}, standing)
made, train, compare, publications = st.tabs(
    ["Models", "Train another", "Compare", "Publications"], key="part", bind="query-params", on_change="rerun"
)

if train.open:
    with train:
        button = st.container()
        recipe, allowed = train_form.recipe(view, published)
        wait = busy or not train_form.enough(view, recipe)
        if button.button("Train", type="primary", icon=":material/model_training:", key="train", disabled=wait):
            train_form.start(view, recipe, allowed)

with made:
    if not models:
        st.text("No model yet: train one.")
    else:
        record = models[model_details.chosen(names, view)]
        taking_in.claimed(record)
        model_details.figures(record, published)
        publishing.publish(record, view)
        model_details.errors(record.metrics)
        about, moved = st.columns([2, 3], gap="large")
        with about:
            model_details.name(record)
            model_details.summary(record)
            model_details.downloads(record)
            taking_in.delete_button(record, in_force=record.id in {publication.model_id for publication in standing})
        with moved:
            model_details.influence(record.metrics)
        with widgets.refusals():
            field_effects.show(record, view)
    taking_in.take_in()

if compare.open:
    with compare:
        comparison.show(view, names, in_force)

with publications:
    if not standing:
        st.text("Nothing is published yet.")
    else:
        for publication in standing:
            publishing.status(view, publication, names)
        publishing.history(held.published.entries, names)
