package crl

import "fmt"

// Reason is a CRLReason of RFC 5280 §5.3.1.
type Reason int

// The reasons. 7 is not used; RemoveFromCRL stands in delta lists only.
const (
	Unspecified          Reason = 0
	KeyCompromise        Reason = 1
	CACompromise         Reason = 2
	AffiliationChanged   Reason = 3
	Superseded           Reason = 4
	CessationOfOperation Reason = 5
	CertificateHold      Reason = 6
	RemoveFromCRL        Reason = 8
	PrivilegeWithdrawn   Reason = 9
	AACompromise         Reason = 10
)

var reasonNames = map[Reason]string{
	Unspecified: "unspecified", KeyCompromise: "keyCompromise", CACompromise: "cACompromise",
	AffiliationChanged: "affiliationChanged", Superseded: "superseded",
	CessationOfOperation: "cessationOfOperation", CertificateHold: "certificateHold",
	RemoveFromCRL: "removeFromCRL", PrivilegeWithdrawn: "privilegeWithdrawn", AACompromise: "aACompromise",
}

// Known reports whether r is a reason of RFC 5280.
func (r Reason) Known() bool { return reasonNames[r] != "" }

// String returns the name in RFC 5280.
func (r Reason) String() string {
	if !r.Known() {
		return fmt.Sprintf("reason %d", int(r))
	}
	return reasonNames[r]
}

// gravity is the greater, the less can be undone.
func (r Reason) gravity() int {
	switch r {
	case RemoveFromCRL:
		return 0
	case CertificateHold:
		return 1
	}
	return 2
}

// ReasonSet is a set of reasons for which a list speaks: the ReasonFlags of RFC
// 5280 §4.2.1.13, whose bit 0 is not used.
type ReasonSet uint16

// AllReasons is what a list speaks for unless it says otherwise.
const AllReasons ReasonSet = 0x1fe

// reasonSet reads ReasonFlags, an implicitly tagged BIT STRING with unusedBits in
// its first octet; bit 0 is the most significant of the first.
func reasonSet(bits []byte) (out ReasonSet, ok bool) {
	if len(bits) < 2 || len(bits) > 3 || bits[0] > 7 {
		return 0, false
	}
	// A reader that counts padding as flags would see other reasons.
	if bits[len(bits)-1]&(1<<bits[0]-1) != 0 {
		return 0, false
	}
	for i := range 16 {
		if octet := 1 + i/8; octet < len(bits) && bits[octet]&(0x80>>(i%8)) != 0 {
			out |= 1 << i
		}
	}
	return out & AllReasons, out&^(AllReasons|1) == 0
}
