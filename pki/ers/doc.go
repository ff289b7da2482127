// Package ers is the Evidence Record Syntax, RFC 4998: a chain of archive
// time-stamps that proves when data existed, kept alive by renewals over
// decades.
//
//	record, err := ers.Parse(raw)
//	open, err := record.Root(chain, position, objects)   // what that token must be over
//	record.Chains[0].Stamps[0].Token                     // a TimeStampToken, unjudged
//
// A record is a tree of digests with a time-stamp on its root, then another
// over that one, and so on:
//
//	data object ─┐
//	other digests ┴─ tree ─ token ── chain 1, one digest algorithm
//	                          └─ digest ─ tree ─ token          renewal of the time-stamp
//	data object + digest of chain 1 ─ tree ─ token ── chain 2, another algorithm
//
// The package tells what each token must be over. It judges no token: whether
// one is signed by somebody who is trusted for time, and was good when the next
// was made (§5.3), is the caller's to ask, from the last to the first. Only then
// is the data proven to have existed at the time of the first.
//
// What is known broken without asking anybody stands in Record.Defects:
// algorithms that change within a chain, tokens over another algorithm than
// their tree, times that do not ascend, encrypted data (encryptionInfo, §6.1),
// which is beyond us.
//
// Known attacks: a tree in which the data does not stand (Root searches the
// first list, and nowhere else, so an inner node cannot pass for data of the
// lists above); a renewal over some other token or over fewer chains (Root
// digests the bytes of all that came before); a tree with lists of lists
// without end (the limits). A first list with further digests is no attack: they
// are the neighbours in the tree (§4.2.2). Whether the data is all there was in
// a group is told by Record.Group.
//
// Limits: 16 MiB, 100 chains, 100 archive time-stamps in all, 100 lists in a
// tree, 10,000 digests in a record, 32 digest algorithms.
package ers
