# METADATA
# title: May this command be executed?
# description: |
#   Asked beside the server's own policies, about the commands of this domain. It can only refuse: what the server's
#   policies do not allow stays refused.
package nexus.execute

default allow := false

allow if input.operation == "execute"

decision := {"allow": allow, "deny": [denial | some denial in deny]}
