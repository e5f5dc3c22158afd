package interop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// visit is one case that a page plays: what begin in page.js hands to the page's function.
type visit struct {
	Name     string `json:"name"`
	Server   string `json:"server"`   // ws: or wss: URL
	Callee   string `json:"callee"`   // of calls.js; of registers.js it is who registers
	Password string `json:"password"` // of registers.js
	Video    bool   `json:"video"`    // offered besides audio
	Hold     int64  `json:"hold"`     // milliseconds, after which the page hangs up; 0: it does not
	Message  string `json:"message"`  // of frames.js
}

// event is what a page told of a case.
type event struct {
	Case   string `json:"case"` // "" for the page as a whole
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

// page is a page of testdata/browser that Chromium is to show.
type page struct {
	web      *httptest.Server
	dir      string
	chromium string

	mu     sync.Mutex // guards events
	events []event
}

// newPage makes a page of a script. The machine has to have Chromium and what npm installs.
func newPage(t *testing.T, script string) *page {
	t.Helper()
	p := &page{chromium: need(t, "chromium", "chromium"), dir: t.TempDir()}
	need(t, "node", "nodejs") // esbuild is started by it
	source, err := filepath.Abs(filepath.Join(scripts, script))
	if err != nil {
		t.Fatal(err)
	}
	esbuild := start(t, needModule(t, ".bin", "esbuild"), source, "--bundle", "--log-level=warning", "--outfile="+filepath.Join(p.dir, "script.js"))
	if status := esbuild.wait(t, 30*time.Second); status != 0 {
		t.Fatalf("esbuild: got exit status %d", status)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "index.html"), []byte("<!doctype html><meta charset=utf-8><script src=script.js></script>\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServer(http.Dir(p.dir)))
	mux.HandleFunc("POST /event", p.take)
	p.web = httptest.NewUnstartedServer(mux)
	t.Cleanup(p.web.Close)
	p.web.Start()
	return p
}

// take takes an event that the page tells.
func (p *page) take(w http.ResponseWriter, r *http.Request) {
	var e event
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&e); err != nil {
		e = event{Name: "error", Detail: fmt.Sprintf("the page told nothing that can be read: %v", err)}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
}

// show lets Chromium play the cases. It trusts servers with a key of pin.
func (p *page) show(t *testing.T, pin string, cases []visit) {
	t.Helper()
	b, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(p.dir, "cases"), b, 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{
		"--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--user-data-dir=" + t.TempDir(),
		"--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", "--ignore-certificate-errors-spki-list=" + pin,
		// It has no business beyond this machine.
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // it would refuse to start
	}
	start(t, p.chromium, append(args, p.web.URL)...)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the page told: %q", p.all())
		}
	})
}

func (p *page) all() []event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]event(nil), p.events...)
}

// of returns what was told of a case, one event on a line. A fault of the page as a whole is a fault of every case.
func (p *page) of(name string) string {
	var b strings.Builder
	for _, e := range p.all() {
		if e.Case == name || e.Case == "" {
			fmt.Fprintf(&b, "%s %s\n", e.Name, e.Detail)
		}
	}
	return b.String()
}

// await waits until one of the events of a case has one of the names, or the page has failed.
func (p *page) await(t *testing.T, most time.Duration, test string, names ...string) {
	t.Helper()
	until(t, most, test+": "+strings.Join(names, " or "), func() bool {
		for _, e := range p.all() {
			if e.Case == "" {
				t.Fatalf("the page failed: %s", e.Detail)
			}
			for _, name := range names {
				if e.Case == test && e.Name == name {
					return true
				}
			}
		}
		return false
	})
}
