package nexus.subscribe

import data.nexus.pci_dss

# METADATA
# title: Cardholder data are read by those who need to know
# description: |
#   Least privilege: the readers of a category with cardholder data are named; the whole log is
#   every category.
# custom:
#   rule: pci_need_to_know
#   control: PCI DSS 7.2.1, 7.2.6
deny contains {
	"rule": "pci_need_to_know",
	"message": sprintf(
		"%q may not subscribe to category %q: no role of it is among its readers in data.pci_dss",
		[input.principal.name, category],
	),
} if {
	some category in pci_dss.unreadable
}

# METADATA
# title: Cardholder data are read by somebody
# description: |
#   Every access is by a unique identity that was authenticated, and is logged with it.
# custom:
#   rule: pci_known_principal
#   control: PCI DSS 8.2.1, 8.3.1, 10.2.1
deny contains {
	"rule": "pci_known_principal",
	"message": "prove who you are: this data is not shown to a caller without a name",
} if {
	not input.principal.authenticated
	count(pci_dss.touched) > 0
}
