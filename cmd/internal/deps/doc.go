// Package deps holds the import plan of the module, and a test that keeps it.
//
// The plan is text, in plan.txt. Four floors, and no arrow runs back up:
//
//	cmd → {signer, verifier} → formats → pki
//
// The test reads the source files themselves, in-process. A test that asked
// `go list` would be answered from the test cache after its first success, and
// go blind.
//
//	found, err := deps.Check(os.DirFS("../../.."), deps.Plan)
//
// Test files may import what they like: judges, other floors, the test PKI. The
// plan is about what ships.
package deps
