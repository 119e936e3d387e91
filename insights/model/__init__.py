"""What is a model, how is one trained, and how good are its probabilities on what it has not seen?"""
