// Package pipeline holds the words every stage shares: Period, Feed, Counts,
// Error, Clock. It imports nothing of ours, so every other package may import it.
package pipeline
