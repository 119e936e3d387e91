"""Which model speaks, how good is it, and can another do better?"""

import streamlit as st

from pages.ui import bench, comparison, field_effects, labels, model_parts, parts, publishing, session
from pages.ui import format as written

view = session.require_ledger()
store, in_force = session.workspace(), session.publication()
standing = store.standing()
parts.title("Models", f"Train as of {written.day(view.as_of)}, judge against the baselines, publish, roll back")
busy = bench.progress(view)

models = {record.id: record for record in store.models()}
published = models.get(in_force.model_id) if in_force else None
names = labels.models(models.values(), {record.id: record.name for record in store.ledgers()}, standing)
made, train, compare, publications = st.tabs(
    ["Models", "Train another", "Compare", "Publications"], key="part", bind="query-params", on_change="rerun"
)

if train.open:
    with train:
        button = st.container()
        recipe, allowed = bench.recipe(view, published)
        wait = busy or not bench.enough(view, recipe)
        if button.button("Train", type="primary", icon=":material/model_training:", key="train", disabled=wait):
            bench.start(view, recipe, allowed)

with made:
    if not models:
        st.text("No model yet: train one.")
    else:
        record = models[model_parts.chosen(names, view)]
        model_parts.figures(record.metrics)
        publishing.publish(record, view)
        model_parts.errors(record.metrics)
        told, moved = st.columns([2, 3], gap="large")
        with told:
            model_parts.summary(record)
            model_parts.downloads(record)
        with moved:
            model_parts.influence(record.metrics)
        field_effects.show(record, view)
    model_parts.take_in()

if compare.open:
    with compare:
        comparison.show(view, names, in_force)

with publications:
    if not standing:
        st.text("Nothing is published yet.")
    else:
        for each in standing:
            publishing.status(view, each, names)
        publishing.history(store.publications(), names)
