// Package formats is the vocabulary in which every document format tells what
// a file says, and lays out what a key shall sign.
//
// Three sentences carry the design:
//
//  1. A format says, it does not judge. It reduces a file to the same facts:
//     the signed bytes, a signature value, and references (wanted digest,
//     actual content). The verifier checks value and references once, for all
//     formats, so no format can forget to.
//  2. A format never holds a key. It prepares the bytes to be signed and
//     completes with a value.
//  3. Nothing here reads a clock, a network or a file system: documents come as
//     [Input], changes leave as [Edit], time is a parameter.
//
// Limits: a parser keeps no more than [MaxParsed] bytes of a document in
// memory, follows no nesting deeper than [MaxDepth], and says [ErrTooLarge]
// beyond that.
package formats
