"""What is said about a cash forecast."""

from insights.messages.plurals import noun


def no_range(currency: str, judged: int, fewest: int) -> str:
    """Why a forecast has no range."""
    return (
        f"{currency}: no range. It would rest on past weeks, forecast as they would have been then and judged by what came; "
        f"{judged} such {noun(judged, 'week')} could be judged, and {fewest} are needed."
    )
