// Package policy says what a verifier requires, as dated, declarative data.
//
//	p, err := policy.ByName("ades-2026-1")
//	p, err := policy.Parse(toml)           // somebody's own
//	v := verifier.Verifier{Policy: p, …}
//
// A policy is a TOML file; the published ones are built in, and stand beside
// this comment. It decides nothing by itself: there is no code beyond the
// look-up of a row, so that two people who read the same name know that the same
// was required. A published policy never changes: a test holds each against a
// golden file, and other requirements get another name. Each call returns a new
// value: nobody can change another's.
//
// What a policy leaves out is required. A requirement that is not named is in
// force at its strictest, an algorithm, key or format that is not named is
// refused, and a key that we do not know is an error: a typing mistake must not
// relax anything. Where the strictest would let nothing at all pass (a limit, an
// end date), leaving it out is an error that says so. The zero value of each Go
// field is the strictest as well.
//
// Algorithms carry the day until which they are good enough for a signature
// that was made then. Where the dates are from, and which are our judgement,
// stands in the files.
//
// It trusts nobody: whom to trust is not policy but the operator's trust store.
// A policy says for which use an anchor must be trusted to count. Parse reads
// what an operator wrote, bounded by [MaxSize]; the names of published policies
// are reserved, so that a file cannot pass for one.
package policy
