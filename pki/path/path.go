package path

import (
	"crypto/x509"
	"time"

	"tamga/pki"
)

// Object identifiers that stand for "any".
const (
	AnyPolicy  = "2.5.29.32.0" // RFC 5280 §4.2.1.4
	AnyPurpose = "2.5.29.37.0" // RFC 5280 §4.2.1.12
)

// DefaultMaxLength is the longest path unless [Params.MaxLength] says otherwise.
const DefaultMaxLength = 10

// Params are the inputs of RFC 5280 §6.1.1 beside the path and its anchor.
type Params struct {
	// At is the time for which the path is judged. A zero time is an error.
	At time.Time
	// AnyTime leaves validity periods out of the verdict, for those who judge
	// them by other rules (EN 319 102-1 5.6.2.1); [Result.Outside] tells which
	// were missed. At may then be zero, and Outside is empty.
	AnyTime bool

	// Policies is the user-initial-policy-set, dotted. Empty, or holding
	// [AnyPolicy], it accepts any policy.
	Policies []string
	// RequireExplicitPolicy is initial-explicit-policy: the path must be good
	// for one of Policies. InhibitPolicyMapping and InhibitAnyPolicy are
	// initial-policy-mapping-inhibit and initial-any-policy-inhibit.
	RequireExplicitPolicy, InhibitPolicyMapping, InhibitAnyPolicy bool

	// Purposes are extended key usages, dotted, of which the leaf must name
	// one. anyExtendedKeyUsage does not count unless [AnyPurpose] is listed.
	// Empty: purposes are not judged.
	Purposes []string
	// PurposeOptional accepts a leaf without the extension, as RFC 5280
	// §4.2.1.12 does; RFC 3161, RFC 6960 and ISO 18013-5 do not.
	PurposeOptional bool
	// NestedPurposes makes the extension of a CA restrict what it issues, as
	// TLS stacks do: present, it must name one of Purposes or any purpose.
	NestedPurposes bool

	// MaxLength is the most certificates in a path, with leaf and anchor;
	// 0 is [DefaultMaxLength].
	MaxLength int
	// Verify checks signature values: pki.Verify or (*pki.Memo).Verify.
	Verify pki.VerifyFunc
	// AnchorConstraints applies the extensions of the anchor's certificate too
	// (RFC 5937 §3.2): name constraints, policies, path length, key usage,
	// critical extensions. Without it, the default, the anchor is a name and a
	// key as in RFC 5280 §6.1.1 (d), whatever else its certificate says.
	AnchorConstraints bool
	// AnchorValidity applies the validity period of the anchor's certificate;
	// by default an anchor is trusted until someone ends it (see pki.Anchor).
	AnchorValidity bool
	// AnchorsIssueOnly refuses a leaf that is itself an anchor. By default it
	// is accepted: trusted lists name time-stamping units so.
	AnchorsIssueOnly bool
	// Critical are dotted identifiers of further critical extensions that the
	// caller judges by itself, such as qcStatements.
	Critical []string
}

// Source is where [Find] looks for issuers.
type Source struct {
	Anchors []pki.Anchor
	Pool    []*x509.Certificate // intermediates and whatever came along, trusted for nothing
	Index   *Index              // further anchors and certificates, read before; may be nil
}

// Result is what a valid path says.
type Result struct {
	// Policies is the user-constrained-policy-set of RFC 5280 §6.1.6, sorted.
	// [AnyPolicy] in it stands for all policies; empty, the path is good for
	// none.
	Policies []string
	// Outside are the validity periods that Params.At is not within. With a
	// nil error they occur only if Params.AnyTime let them pass.
	Outside []*Error
}

// Path is a chain of certificates in which each is signed by the next.
type Path struct {
	Chain  []*x509.Certificate // leaf first, the anchor's certificate last
	Anchor pki.Anchor
	Result
	Err *Error // why the path is refused; nil if and only if it is valid
	// Judged tells that the path was validated at all, so that the zero value
	// is no valid path.
	Judged bool
}

// Valid reports whether the path was validated and found good.
func (p *Path) Valid() bool { return p.Judged && p.Err == nil }
