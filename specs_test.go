package ringback_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sip "github.com/ringback-sip/ringback/parser"
)

// specs are the requirements that SPECS.md has to name, by prefix and how many there are: every one of these stands in it,
// with its test or with a sentence that says when it comes.
var specs = []struct {
	prefix string
	last   int
}{{"PR", 78}, {"TX", 56}, {"DG", 46}, {"RS", 25}, {"UA", 80}, {"TP", 55}, {"AU", 29}, {"RG", 34}}

// A specRow is one row of a table in SPECS.md.
type specRow struct {
	line  int
	cells []string
}

// SPECS.md tells the truth: its tests and files exist, no requirement stands twice, and none of the first capability is left out.
func TestSpecs(t *testing.T) {
	text, err := os.ReadFile("SPECS.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, fault := range specFaults(string(text), declaredTests(t), exists) {
		t.Error(fault)
	}
}

// The judge itself: each kind of fault is found.
func TestSpecsJudge(t *testing.T) {
	tests := map[string]bool{"parser.TestURI": true}
	there := func(name string) bool { return name == "parser/uri.go" }
	var all strings.Builder
	all.WriteString("| RFC | section | requirement | file | test |\n|---|---|---|---|---|\n| 3261 | 19.1 | ")
	for _, s := range specs {
		for i := range s.last {
			fmt.Fprintf(&all, "%s-%03d, ", s.prefix, i+1)
		}
	}
	good := strings.TrimSuffix(all.String(), ", ") + " | `parser/uri.go` | `parser.TestURI` |\n"
	if got := specFaults(good, tests, there); len(got) != 0 {
		t.Errorf("a good table: got %q", got)
	}
	cases := []struct{ name, text string }{
		{"a requirement twice", good + "| 3261 | 7 | PR-007 | `parser/uri.go` | `parser.TestURI` |\n"},
		{"a requirement with a test and as not yet", good + "\n| not yet | when |\n|---|---|\n| PR-007 | later |\n"},
		{"a requirement left out", strings.Replace(good, "TX-031, ", "", 1)},
		{"a test that does not exist", strings.Replace(good, "`parser.TestURI`", "`parser.TestURL`", 1)},
		{"a file that does not exist", strings.Replace(good, "parser/uri.go", "parser/url.go", 1)},
		{"a row without a test", good + "| 3261 | 18 | TP-001 | `parser/uri.go` | |\n"},
		{"an id that is none", good + "| 3261 | 18 | TP-1 | `parser/uri.go` | `parser.TestURI` |\n"},
		{"too few cells", good + "| 3261 | 18 | TP-001 |\n"},
	}
	for _, tt := range cases {
		t.Run(tt.name, func(t *testing.T) {
			if len(specFaults(tt.text, tests, there)) == 0 {
				t.Error("not found")
			}
		})
	}
}

// specFaults reads the tables of SPECS.md: one of five cells (RFC, section, requirements, files, tests) and one of two (requirements that
// are not covered yet, and a sentence).
func specFaults(text string, tests map[string]bool, exists func(string) bool) []string {
	var faults []string
	seen := make(map[string]int)
	fault := func(line int, format string, a ...any) {
		faults = append(faults, fmt.Sprintf("SPECS.md:%d: ", line)+fmt.Sprintf(format, a...))
	}
	for _, row := range specRows(text) {
		var ids string
		switch len(row.cells) {
		case 2:
			ids = row.cells[0]
			if row.cells[1] == "" {
				fault(row.line, "%s: no word on when it comes", ids)
			}
		case 5:
			ids = row.cells[2]
			files, named := quoted(row.cells[3]), quoted(row.cells[4])
			if len(files) == 0 || len(named) == 0 {
				fault(row.line, "%s: a file or a test is missing", ids)
			}
			for _, f := range files {
				if !exists(f) {
					fault(row.line, "there is no file %s", f)
				}
			}
			for _, n := range named {
				if !tests[n] {
					fault(row.line, "there is no test %s", n)
				}
			}
		case 6: // a header: TestSpecsOfHeaders reads it
			continue
		default:
			fault(row.line, "got %d cells, want 5, 6 of a header, or 2 for what is not covered yet", len(row.cells))
			continue
		}
		for id := range strings.SplitSeq(ids, ",") {
			id = strings.TrimSpace(id)
			if !isRequirement(id) {
				fault(row.line, "%q is no requirement id", id)
				continue
			}
			if first, ok := seen[id]; ok {
				fault(row.line, "%s stands in line %d already", id, first)
			}
			seen[id] = row.line
		}
	}
	for _, s := range specs {
		for i := range s.last {
			if id := fmt.Sprintf("%s-%03d", s.prefix, i+1); seen[id] == 0 {
				faults = append(faults, "SPECS.md: "+id+" is missing")
			}
		}
	}
	return faults
}

// Each header that the parser knows stands once in SPECS.md, with what reads and writes it, its file and its test.
func TestSpecsOfHeaders(t *testing.T) {
	text, err := os.ReadFile("SPECS.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, functions := declaredTests(t), declaredFunctions(t, "parser")
	rows := map[string]int{}
	for _, row := range specRows(string(text)) {
		if len(row.cells) != 6 {
			continue
		}
		name := row.cells[0]
		rows[name]++
		if h := sip.ParseHeader(name); h == sip.HeaderUnknown || h.String() != name {
			t.Errorf("SPECS.md:%d: the parser knows no header %s", row.line, name)
		}
		for i, there := range []func(string) bool{
			2: func(s string) bool { return functions[s] }, 3: func(s string) bool { return functions[s] }, 4: exists, 5: func(s string) bool { return tests[s] },
		} {
			if i < 2 {
				continue
			}
			if words := quoted(row.cells[i]); len(words) != 1 || !there(words[0]) {
				t.Errorf("SPECS.md:%d: %s: there is no %s", row.line, name, row.cells[i])
			}
		}
	}
	for h := sip.HeaderUnknown + 1; h.String() != ""; h++ {
		if rows[h.String()] != 1 {
			t.Errorf("SPECS.md: %s stands there %d times, want once", h, rows[h.String()])
		}
	}
}

// declaredFunctions returns the exported functions of a package, and its methods as Type.Name.
func declaredFunctions(t *testing.T, dir string) map[string]bool {
	t.Helper()
	found := make(map[string]bool)
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() {
				continue
			}
			name := fn.Name.Name
			if fn.Recv != nil {
				of := fn.Recv.List[0].Type
				if star, ok := of.(*ast.StarExpr); ok {
					of = star.X
				}
				if ident, ok := of.(*ast.Ident); ok {
					name = ident.Name + "." + name
				}
			}
			found[name] = true
		}
	}
	return found
}

// specRows returns the rows of the Markdown tables in text, without their headers.
func specRows(text string) []specRow {
	var rows []specRow
	body := false
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		switch {
		case !strings.HasPrefix(line, "|"):
			body = false
		case strings.HasPrefix(line, "|---"):
			body = true
		case body:
			cells := strings.Split(strings.Trim(line, "|"), "|")
			for i := range cells {
				cells[i] = strings.TrimSpace(cells[i])
			}
			rows = append(rows, specRow{n, cells})
		}
	}
	return rows
}

// quoted returns the words between backquotes.
func quoted(cell string) []string {
	var words []string
	for i, part := range strings.Split(cell, "`") {
		if i%2 == 1 {
			words = append(words, part)
		}
	}
	return words
}

// isRequirement reports whether id is two capitals, a hyphen and three digits.
func isRequirement(id string) bool {
	if len(id) != 6 || id[2] != '-' {
		return false
	}
	for i, c := range []byte(id) {
		switch {
		case i < 2 && (c < 'A' || c > 'Z'), i > 2 && (c < '0' || c > '9'):
			return false
		}
	}
	return true
}

// declaredTests returns the tests, fuzz targets and examples of the repository as folder.Name; those of the root have no folder.
func declaredTests(t *testing.T) map[string]bool {
	t.Helper()
	found := make(map[string]bool)
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && slices.Contains([]string{"testdata", "vendor", ".git"}, d.Name()) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(path)) + "."
		dir = strings.TrimPrefix(dir, "..")
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && fn.Recv == nil && slices.ContainsFunc([]string{"Test", "Fuzz", "Example"}, func(p string) bool { return strings.HasPrefix(fn.Name.Name, p) }) {
				found[dir+fn.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func exists(name string) bool {
	_, err := os.Stat(filepath.FromSlash(name))
	return err == nil
}
