"""What is a model, how is one trained, and how good are its probabilities on what it has not seen?

recipe          what a model is made from, apart from the ledger
model           what a model is: predict, save, load
training        how it is made
tuning          learners, rounds and calibration, chosen on folds by time
boosting        on which device trees are taught, and how where the rows do not fit into memory
model_metrics   what a model says of itself, typed
metrics         how good probabilities are, beside baselines
base_learners   what a stage averages: boosted trees, logistic regression
tree_contributions  which field adds how much, looked up in tables made once
payment_dates   when an open invoice will be paid: a date and a range
early_payments  when what is paid on time is paid: by its age, then by the days before its line
payment_days    on which days it will be paid
archive         a model as one file
imported        a model from elsewhere: checked and tried in the limited child
training_size   how many invoices there are to learn from
"""
