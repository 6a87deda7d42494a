package nexus.execute

# METADATA
# title: Who cancels an order says why
# description: |
#   What the customer is told is in the command. This is for whoever asks later, so it is kept with the event.
# custom:
#   rule: cancel_needs_a_reason
deny contains {
	"rule": "cancel_needs_a_reason",
	"message": "an order is not cancelled without a reason: send it as the metadata key reason",
} if {
	input.command.type == "CancelOrder"
	trim_space(object.get(input.command.metadata, "reason", "")) == ""
}
