// Package signer is where keys meet documents: it signs files and issues
// identity documents, and lets nothing go that it has not opened again.
//
//	s, err := signer.New(signer.Config{Keys: keys, Timestamper: authority, Check: check, Now: time.Now})
//	edit, err := s.Sign(ctx, signer.SignRequest{Format: pades.Preparer{}, Level: formats.LevelT}, in)
//	edit, err := s.Extend(ctx, signer.ExtendRequest{Format: pades.Extender{}, To: formats.LevelLTA}, signed)
//	docs, err := s.Issue(ctx, signer.IssueRequest{Type: "pid", Claims: claims, HolderKey: key})
//
// Signing is: request → key by name and use → Prepare → Key.Sign → time-stamp
// → Complete → opened again → released. The worst a signer can do is to return
// no error and an unsigned document; so the finished document is read back, the
// very signature just made must be in it, and [Config.Check], an independent
// verifier wired in by cmd, must call the whole valid. Without a Check there is
// no [Service]. The second reading costs a second hashing of the document and
// no memory.
//
// Extending adds time-stamps and evidence, and asks [Config.Assess], a verifier
// wired in by cmd, what is missing before and whether the level is reached after.
//
// It trusts its configuration: keys, time-stamp authority, clock, source of
// randomness. It trusts neither documents nor claims: formats are hostile until
// parsed, and claims are held against a document type of package profile.
//
// It refuses keys that are not for the purpose, certificates outside of their
// validity, levels without a time-stamp authority to make them, claims that do
// not fit, and identity documents that would outlive a certificate in their
// chain. It never signs a bare digest, and issues identity documents only from
// typed claims, so that nobody can pass off a finished credential as a file.
//
// Times in identity documents are rounded down to the hour: documents issued
// to one wallet share them with everybody served in that hour, so that copies
// cannot be linked by them (ARF 3.0 ISSU_36). Nothing of a person is kept, and
// nothing stands in errors (ISSU_35b).
//
// Limits: a signature per call; memory does not grow with the document. A
// context that ends stops the work at the next read of the document.
package signer
