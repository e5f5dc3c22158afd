package transport

import (
	"container/list"
	"net/netip"
)

// waiting holds the accepted streams of which no message has come yet, oldest first: those of each site and all. Where a limit
// is reached, the oldest of them makes room: somebody who opens connections and says nothing keeps out nobody, not even
// others at the same address. The zero waiting is empty; the layer's lock guards it.
type waiting struct {
	all   list.List // of *stream
	sites map[netip.Addr]*list.List
}

// wait is where a stream stands in waiting; nil elements when it does not.
type wait struct{ all, site *list.Element }

// add appends s.
func (w *waiting) add(s *stream) {
	site := w.sites[s.source]
	if site == nil {
		site = new(list.List)
		if w.sites == nil {
			w.sites = make(map[netip.Addr]*list.List)
		}
		w.sites[s.source] = site
	}
	s.wait = wait{w.all.PushBack(s), site.PushBack(s)}
}

// remove takes s out, if it is there.
func (w *waiting) remove(s *stream) {
	if s.wait.all == nil {
		return
	}
	w.all.Remove(s.wait.all)
	site := w.sites[s.source]
	site.Remove(s.wait.site)
	if site.Len() == 0 {
		delete(w.sites, s.source)
	}
	s.wait = wait{}
}

// oldest returns the stream that waits longest, nil when there is none.
func (w *waiting) oldest() *stream { return front(&w.all) }

// oldestOf returns the stream of a site that waits longest, nil when there is none.
func (w *waiting) oldestOf(site netip.Addr) *stream {
	if l := w.sites[site]; l != nil {
		return front(l)
	}
	return nil
}

func front(l *list.List) *stream {
	if e := l.Front(); e != nil {
		return e.Value.(*stream)
	}
	return nil
}
