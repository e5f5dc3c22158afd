package main

import (
	"errors"
	"expvar"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"runtime"
	"time"
)

// debugServer serves gauges and profiles over HTTP. The zero value serves nothing.
type debugServer struct {
	http *http.Server
	done chan struct{} // closed when Serve returned
}

// serveDebug binds -debug, if it was given, and serves it until close.
func (s *server) serveDebug(stats func() figures) (debugServer, error) {
	if s.debug == "" {
		return debugServer{}, nil
	}
	ln, err := net.Listen("tcp", s.debug)
	if err != nil {
		return debugServer{}, err
	}
	s.c.errf("debug http://%s/debug/vars\n", ln.Addr())
	if ap, err := netip.ParseAddrPort(ln.Addr().String()); err == nil && !ap.Addr().IsLoopback() {
		s.log.Warn("whoever reaches the debug address can read this program's memory profiles", "debug", ap.String())
	}
	d := debugServer{
		// A profile takes as long as its asker wants, so that only the header has a deadline.
		http: &http.Server{Handler: debugHandler(stats), ReadHeaderTimeout: 5 * time.Second},
		done: make(chan struct{}),
	}
	go func() {
		defer close(d.done)
		if err := d.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("debug address is no longer served", "err", err)
		}
	}()
	return d, nil
}

// close ends the server and its connections.
func (d debugServer) close() {
	if d.http != nil {
		d.http.Close() // what fails here is a socket that is closed already
		<-d.done
	}
}

// debugHandler answers what -debug promises, and nothing else.
func debugHandler(stats func() figures) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/vars", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Write(appendVars(nil, stats()))
	})
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		w.Write(appendMetrics(nil, stats()))
	})
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

// appendVars appends the document of /debug/vars: our numbers, and what package expvar has of its own accord.
func appendVars(dst []byte, st figures) []byte {
	o := begin(dst)
	o.key("sip")
	in := begin(o.b)
	for _, m := range promised(st) {
		in.int(m.name, int(m.value))
	}
	o.b = in.end()
	o.int("goroutines", runtime.NumGoroutine())
	expvar.Do(func(kv expvar.KeyValue) {
		o.key(kv.Key)
		o.b = append(o.b, kv.Value.String()...)
	})
	return append(o.end(), '\n')
}
