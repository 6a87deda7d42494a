"""Decides about shows. No clock, no chance, no I/O: the same input gives the same answer."""


class Rejected(Exception):
    """The command breaks a rule; the caller is told the reason and the details."""

    def __init__(self, reason, details=None):
        super().__init__(reason)
        self.reason = reason
        self.details = details


INITIAL = {"seats": None, "taken": 0}


def evolve(state, event):
    """The state after one more event."""
    if event["type"] == "ShowOpened":
        return {**state, "seats": event["data"]["seats"]}
    if event["type"] == "SeatsReserved":
        return {**state, "taken": state["taken"] + event["data"]["seats"]}
    return state


def decide(state, command, context, new_id):
    """The events that follow from the command, as (type, data)."""
    data = command["data"]
    if command["type"] == "OpenShow":
        if state["seats"] is not None:
            raise Rejected("already_open", {"seats": state["seats"]})
        return [("ShowOpened", {**data, "openedAt": context["now"]})]
    if command["type"] == "ReserveSeats":
        if state["seats"] is None:
            raise Rejected("not_open")
        left = state["seats"] - state["taken"]
        if data["seats"] > left:
            raise Rejected("sold_out", {"left": left})
        return [("SeatsReserved",
                 {**data, "reservationId": new_id(), "reservedAt": context["now"]})]
    raise ValueError(f"no rule for {command['type']}")
