// Package examples holds programs of under 60 lines each that do one thing with package ua. Its test builds every one and runs them against each
// other: so they stay true.
package examples
