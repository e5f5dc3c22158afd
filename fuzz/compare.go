package fuzz

import (
	"fmt"
	"strings"
)

// differ returns where two texts part, nil when they are the same.
func differ(oneName, one, otherName, other string) error {
	if one == other {
		return nil
	}
	a, b := strings.Split(one, "\n"), strings.Split(other, "\n")
	for i := range max(len(a), len(b)) {
		if x, y := lineAt(a, i), lineAt(b, i); x != y {
			return fmt.Errorf("%s has %s\n%s has %s", oneName, x, otherName, y)
		}
	}
	return nil
}

func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing more"
}

// pieces returns the values that data may hold: its lines, what stands behind their colons and between their brackets, and
// their words. So the messages of the corpus are good for the oracles of single values, too. There are few.
func pieces(data []byte) []string {
	const most = 48
	var all []string
	for _, line := range strings.SplitAfter(string(data), "\n") {
		line = strings.TrimRight(line, "\r\n")
		all = append(all, line)
		if _, value, found := strings.Cut(line, ":"); found {
			all = append(all, value)
		}
		if _, inside, found := strings.Cut(line, "<"); found {
			all = append(all, before(inside, ">"))
		}
		if words := strings.Fields(line); len(words) > 1 {
			all = append(all, words[1])
		}
		if len(all) > most {
			return all[:most]
		}
	}
	return all
}
