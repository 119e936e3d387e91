"""What may go wrong in a way the user can mend: one error type, whose message is written for them."""


class Refused(Exception):
    """An input or a request that cannot be carried out; `str(error)` is a whole sentence for the user.

    `code` names the refusal for tests and scripts; `values` are what the sentence speaks of.
    """

    def __init__(self, sentence: str, code: str = "refused", **values: object) -> None:
        super().__init__(sentence)
        self.code = code
        self.values = values
