package main

import (
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
)

// The help texts are what people and scripts read first: a change of them is a change that somebody reviews.
func TestHelpTexts(t *testing.T) {
	golden.Equal(t, "testdata/help/sip.txt", appendOverview(nil))
	for _, cmd := range commands() {
		golden.Equal(t, "testdata/help/"+cmd.name+".txt", appendHelp(nil, cmd))
	}
}

func TestHelpFitsATerminal(t *testing.T) {
	for _, cmd := range commands() {
		column := 0
		for _, c := range string(appendHelp(nil, cmd)) {
			if column++; c == '\n' {
				column = 0
			}
			if column > 100 {
				t.Errorf("sip %s -h: a line is longer than 100 columns", cmd.name)
				break
			}
		}
	}
}
