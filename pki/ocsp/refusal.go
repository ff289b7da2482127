package ocsp

import "fmt"

// Refusal is an OCSPResponseStatus other than successful (RFC 6960 §4.2.1): the
// responder has said nothing of any certificate. Compare with [errors.Is].
type Refusal int

// The refusals. 4 is not used.
const (
	MalformedRequest Refusal = 1
	InternalError    Refusal = 2
	TryLater         Refusal = 3
	SigRequired      Refusal = 5
	Unauthorized     Refusal = 6
)

var refusalNames = map[Refusal]string{
	MalformedRequest: "malformedRequest", InternalError: "internalError", TryLater: "tryLater",
	SigRequired: "sigRequired", Unauthorized: "unauthorized",
}

func (f Refusal) known() bool { return refusalNames[f] != "" }

// Error tells the name in RFC 6960.
func (f Refusal) Error() string {
	if !f.known() {
		return fmt.Sprintf("the responder refused to answer (%d)", int(f))
	}
	return "the responder refused to answer: " + refusalNames[f]
}
