// Package path builds certification paths and judges them by RFC 5280 §6.1, with
// the policy graph of RFC 9618 and, where asked, the anchor's own constraints by
// RFC 5937.
//
//	paths, err := path.Find(leaf, path.Source{Anchors: anchors, Pool: found}, path.Params{
//		At: at, Verify: pki.Verify})
//	if err == nil && paths[0].Valid() { … }
//	result, refusal := path.Validate(chain, params) // leaf first, anchor last
//
// Certificates are read by x509.ParseCertificate, and by nothing else of
// crypto/x509: signatures are checked by [Params.Verify], so that algorithms of
// ours work and others are told apart from wrong values ([Algorithm] against
// [Signature]); extensions are read by hand.
//
// # What it trusts
//
// [Source.Anchors], as names and keys, within From and Until of each; all else
// that their certificates say counts only with [Params.AnchorConstraints] and
// [Params.AnchorValidity]. A leaf may be an anchor itself, and is then judged in
// all but its signature, unless [Params.AnchorsIssueOnly]. The pool is trusted
// for nothing.
//
// # What it refuses
//
// A path whose names or signatures do not chain; a certificate outside its
// validity at [Params.At] (a zero time is an error; [Params.AnyTime] says in so
// many words that dates are judged elsewhere); an issuer that is not said to be
// a CA (so every one of version 1), has no right to sign certificates, or is
// one more than a path length allows; critical extensions that it does not
// know, less [Params.Critical]; extensions that occur twice or are not what
// their clause says; names that are excluded or not permitted, for all forms of
// GeneralName, where one that cannot be compared is refused if its form is
// constrained; policies, as asked. Revocation is not judged here, nor how good
// an algorithm is at some time.
//
// It is stricter than RFC 5280 where that leaves a hole: excluded mailboxes
// without regard to case; excluded directories in string types that have no
// rule of comparison; a host name or address in the common name of a leaf
// without alternative names; mailboxes in UTF-8 (RFC 9598); wildcards over an
// excluded host; IPv4 addresses as host names or in IPv6.
//
// # Limits
//
// Ten certificates in a path unless [Params.MaxLength]; 100 signature checks,
// 2000 partial paths and 32 paths in a search; 2^20 comparisons of names with
// constraints in a path; 1024 policies, mappings or purposes, 2^16 names, and
// 256 extensions in a certificate. A search that hits a limit returns the paths
// it has if one is valid, else an error that wraps [ErrTooComplex].
//
// # Known attacks
//
// A leaf that issues (TestLeafActsAsCA), critical extensions passed over
// (TestCriticalExtension), names that walk around constraints
// (TestNameConstraintsBypass), the exponential policy tree of CVE-2023-0464
// (TestPolicyExplosion), quadratic name constraints (TestQuadraticNameConstraints),
// mazes of cross-certificates (TestCrossCertificateMaze), and issuers of the same
// name by the hundred (TestManyIssuersOfOneName).
package path
