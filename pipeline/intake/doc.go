// Package intake leads from an inbox to verified, not-yet-seen files in the archive.
//
// Its nouns: a Delivery is one file in the inbox that its name, or a name inside
// it, makes a feed; a Control is the companion NAME.ctl with totals; a Member is
// one plain table file a delivery holds; the Archive keeps every delivered file
// under its SHA-256. The way of a file is Scan, Hash, Expand, Control.Check and
// Archive.Put; whether bytes were seen before is the caller's knowledge.
//
// Promise on failure: a delivered file is never changed or lost. At every moment
// its bytes are in the inbox or, complete, in the archive, and nothing unpacked
// stays behind.
package intake
