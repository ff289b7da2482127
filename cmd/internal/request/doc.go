// Package request turns what people write into typed requests: the name of a
// format, a level, a holder's key. The command line and HTTP share it, so that
// the same words mean the same on both.
//
//	prep, level, err := request.Signature{Format: "pades"}.Resolve(in)
//	key, err := request.HolderKey(pemOrJWK)
//
// What people get wrong is an [Error], with a hint what to do next. Nothing in
// it repeats the value that was wrong.
package request

// Error is a mistake of whoever asked.
type Error struct {
	Text string
	Hint string
}

func (e *Error) Error() string { return e.Text }
