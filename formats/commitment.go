package formats

// Commitment is what a signer commits to by signing, as a dotted object
// identifier (EN 319 122-1 §5.2.3, TS 119 172-1 annex B).
type Commitment string

// The commitments that everybody knows.
const (
	ProofOfOrigin   Commitment = "1.2.840.113549.1.9.16.6.1" // made, approved and sent it
	ProofOfReceipt  Commitment = "1.2.840.113549.1.9.16.6.2" // received it
	ProofOfDelivery Commitment = "1.2.840.113549.1.9.16.6.3" // delivered it where the recipient can reach it
	ProofOfSender   Commitment = "1.2.840.113549.1.9.16.6.4" // sent it, and did not necessarily make it
	ProofOfApproval Commitment = "1.2.840.113549.1.9.16.6.5" // approved of its content
	ProofOfCreation Commitment = "1.2.840.113549.1.9.16.6.6" // made it, and did not necessarily approve of it
)

// Commitments lists the commitments that everybody knows.
func Commitments() []Commitment {
	return []Commitment{
		ProofOfOrigin, ProofOfReceipt, ProofOfDelivery, ProofOfSender, ProofOfApproval, ProofOfCreation,
	}
}

// Word is the commitment in one word, "" if it is not one of [Commitments].
func (c Commitment) Word() string {
	switch c {
	case ProofOfOrigin:
		return "origin"
	case ProofOfReceipt:
		return "receipt"
	case ProofOfDelivery:
		return "delivery"
	case ProofOfSender:
		return "sender"
	case ProofOfApproval:
		return "approval"
	case ProofOfCreation:
		return "creation"
	}
	return ""
}

// String is the commitment for people: "proof of approval", or its identifier.
func (c Commitment) String() string {
	if word := c.Word(); word != "" {
		return "proof of " + word
	}
	return string(c)
}
