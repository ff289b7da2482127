// Package formattest is the conformance suite of formats: what every Parser and
// Preparer must hold, whatever it reads and writes.
//
//	formattest.Test(t, formattest.Format{
//		Parser:  cades.Parser{},
//		Samples: []formattest.Sample{{Name: "openssl", Bytes: der, Detached: parts}},
//		Writers: []formattest.Writer{{Name: "detached", New: newPreparer, …}},
//	})
//
// A good sample is one of which every reference and value fits. The suite bends
// it in every way that one byte and one cut can, and asks of the result only
// what a verifier would rely on: that it is refused, or that it still says
// exactly what it said.
//
// It trusts the certificate that the good sample names as its signer, and
// judges no path, time or policy.
package formattest
