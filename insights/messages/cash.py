"""What is said about a cash forecast."""

from insights.messages.plurals import noun


def no_range(currency: str, judged: int, fewest: int) -> str:
    """Why a forecast has no range."""
    return (
        f"{currency}: no range. It would rest on past weeks, forecast as they would have been then and judged by what came; "
        f"{judged} such {noun(judged, 'week')} could be judged, and {fewest} are needed."
    )


def planned(currency: str, amounts: tuple[str, str], over: int, until: str, as_of: str) -> str:
    """What a billing plan says of what is not invoiced yet; as written: `amounts` planned and invoiced of it by now."""
    whole, invoiced = amounts
    parts = [f"{currency}: what is not invoiced yet is {whole} by the billing plan, less {invoiced} invoiced of it by now"]
    if over:
        verbs = ("lies", "is") if over == 1 else ("lie", "are")
        parts.append(f"{over} {noun(over, 'row')} of it {verbs[0]} before {as_of} and {verbs[1]} not counted")
    parts.append(f"nothing is planned after {until}")
    return "; ".join(parts) + "."
