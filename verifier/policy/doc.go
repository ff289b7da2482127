// Package policy says what a verifier requires, as dated, declarative data.
//
//	p := policy.Basic()
//	v := verifier.Verifier{Policy: p, …}
//
// A policy decides nothing by itself: it holds no code of its own beyond the
// look-up of a row, so that two people who read the same name know that the
// same was required. Each call of a function that returns a built-in policy
// returns a new value: nobody can change another's.
//
// Algorithms carry the day until which they are good enough for a signature
// that was made then. The dates of [Basic] are those of ETSI TS 119 312 V1.5.1;
// where that is silent, the comment on the table says that the date is our
// judgement.
//
// It trusts nobody: whom to trust is not policy but the operator's trust store.
// What a policy does not name is refused.
package policy
