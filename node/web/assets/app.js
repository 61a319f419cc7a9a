// What the pages do more with script: refresh themselves, and listen to the keyboard. Without it everything is there
// after a reload. Nothing newer than Chromium 90.
(function () {
  'use strict';
  var main = document.getElementById('main');
  var stale = document.getElementById('stale');
  var keys = document.getElementById('keys');
  var gone = document.getElementById('gone');
  var live = main && main.getAttribute('data-live');
  var signedIn = !!document.getElementById('sync');
  var drafts = window.jiesuDrafts;
  var me = document.body.getAttribute('data-person');

  // Somebody types, has opened a form, or marks text: that part of the page is theirs until they are done.
  function inUse(part) {
    var marked = window.getSelection && window.getSelection();
    return !!part.querySelector('details.act[open], details.reveal[open], .dirty') ||
      (part.contains(document.activeElement) && /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName)) ||
      (!!marked && !marked.isCollapsed && part.contains(marked.anchorNode));
  }
  // What was revealed is not masked before the reader turns away.
  function wouldMask(part, fresh) {
    return !!part.querySelector('[data-revealed]') && !fresh.querySelector('[data-revealed]');
  }
  document.addEventListener('input', function (event) {
    var form = event.target.form;
    if (form && form !== door && main.contains(form)) form.classList.add('dirty');
  });
  // What a form holds that the page did not come with: the browser has put it back. What was given back after an error the
  // node marks itself.
  function typed(form) {
    return Array.prototype.some.call(form.querySelectorAll('input:not([type=hidden]):not([type=password]), textarea'), function (e) {
      return e.type === 'checkbox' ? e.checked !== e.defaultChecked : e.value !== e.defaultValue;
    });
  }
  // Nothing that was typed and is not kept is left behind without a question.
  var leaving = false, submits = false;
  function asks() { return window.confirm(document.body.getAttribute('data-leave')); }
  // A form that nobody keeps, as one that was given back when its session was over.
  function others(form) { return Array.prototype.some.call(document.querySelectorAll('form.dirty'), function (f) { return f !== form && !drafts.keeps(f); }); }
  window.addEventListener('beforeunload', function (event) {
    if (leaving || !(drafts.unkept() || others())) return;
    drafts.again();
    event.preventDefault();
    event.returnValue = '';
  });
  // Goes to another page once all is kept.
  function leave(go) {
    if (!drafts.pending()) { go(); return; }
    drafts.flush().then(function (came) { if (came === 'kept' || asks()) { leaving = true; go(); } });
  }
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[href]');
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.target || link.getAttribute('href').charAt(0) === '#' || !drafts.pending()) return;
    event.preventDefault();
    leave(function () { location.assign(link.href); });
  });
  // A second click does nothing; the server would not act twice either. While nobody answers nothing is sent: the browser
  // would show its own page instead of what was typed.
  document.addEventListener('submit', function (event) {
    var form = event.target;
    if (door && form === door) { event.preventDefault(); signIn(); return; }
    if ((gone && !gone.hidden) || form.waits) { event.preventDefault(); return; }
    // First all is kept, the form that is sent as well: whatever becomes of it, it can be brought back.
    if (!submits && drafts.pending()) {
      event.preventDefault();
      form.waits = true;
      drafts.flush().then(function (came) {
        form.waits = false;
        if (came === 'gone' || came === 'out') return;
        if ((drafts.unkept(form) || others(form)) && !asks()) return;
        submits = true;
        form.requestSubmit(event.submitter || undefined);
        submits = false;
      });
      return;
    }
    if (!submits && others(form) && !asks()) { event.preventDefault(); return; }
    drafts.sends(form);
    leaving = true;
    // Chromium puts the number back with the text, but only one that was set by script: what was saved is then known again
    // when somebody goes back and sends it once more.
    var once = event.target.elements.once, number = once && once.value;
    if (once) { once.removeAttribute('value'); once.setAttribute('value', number); }
    var buttons = event.target.querySelectorAll('button');
    setTimeout(function () { buttons.forEach(function (b) { b.disabled = true; }); }, 0);
    // A file that is given out leaves the page where it is.
    if (event.target.hasAttribute('data-download')) setTimeout(function () {
      leaving = false;
      event.target.classList.remove('dirty');
      event.target.closest('details').open = false;
      buttons.forEach(function (b) { b.disabled = false; });
    }, 2000);
  });
  window.addEventListener('pageshow', function () {
    leaving = false;
    document.querySelectorAll('button[disabled]').forEach(function (b) { b.disabled = false; });
    document.querySelectorAll('main form').forEach(function (f) {
      if (!typed(f)) return;
      if (drafts.keeps(f)) drafts.touched(f); else f.classList.add('dirty');
    });
  });

  function fetchPage(url, version) {
    var headers = { 'X-Fragment': '1' };
    if (version) headers['X-Version'] = version;
    return fetch(url, { headers: headers, credentials: 'same-origin' }).then(function (response) {
      if (response.status === 401) signedOut();
      if (!response.ok) throw new Error(String(response.status));
      return response.status === 204 ? null : response.text();
    }).then(function (text) {
      var page = text === null ? null : new DOMParser().parseFromString(text, 'text/html');
      // Somebody else has signed in from this browser: nothing of theirs is shown here.
      var person = page && page.body.getAttribute('data-person');
      if (person && person !== me) { signedOut(document.body.getAttribute('data-other')); throw new Error('401'); }
      return page;
    });
  }
  // Whoever was typing keeps what they typed. Never a reload: a page that came back with a form would be sent again.
  var told = document.getElementById('signed-out'), door = told && told.querySelector('form');
  function signedOut(why) {
    if (!told || !document.querySelector('.dirty')) { location.assign(here()); return; }
    if (why) told.querySelector('.wrong').textContent = why;
    // The focus stays where somebody types.
    told.hidden = false;
  }
  drafts.signedOut = signedOut;
  // They sign in where they are. What the page holds then is sent under the new session.
  function signIn() {
    door.elements.back.value = here();
    fetch('/sign-in', { method: 'POST', body: new URLSearchParams(new FormData(door)), credentials: 'same-origin', headers: { 'X-Fragment': '1' } })
      .then(function (response) { return response.text().then(function (text) {
        var page = new DOMParser().parseFromString(text, 'text/html'), wrong = page.querySelector('.wrong') || page.querySelector('h1');
        if (response.ok && page.body.getAttribute('data-person') === me) { rejoin(page); return; }
        told.querySelector('.wrong').textContent = wrong ? wrong.textContent : '';
      }); })
      .catch(lookFor)
      .then(function () { door.elements.password.value = ''; });
  }
  function rejoin(page) {
    var token = page && page.querySelector('.prefs [name=token]');
    if (!token) return;
    document.querySelectorAll('[name=token]').forEach(function (e) { if (e.form !== door) e.value = token.value; });
    told.hidden = true;
    told.querySelector('.wrong').textContent = '';
    drafts.again();
    listen();
    bar();
    if (live) body();
  }

  // What a part says, without what people did to it and the numbers of its forms.
  function plain(part) {
    var copy = part.cloneNode(true);
    copy.querySelectorAll('[name=once]').forEach(function (e) { e.removeAttribute('value'); });
    copy.querySelectorAll('details').forEach(function (e) { e.removeAttribute('open'); });
    copy.querySelectorAll('button').forEach(function (e) { e.removeAttribute('disabled'); });
    return copy.innerHTML;
  }

  // Which forms a part has, and what they are based on: whoever fills one in need not hear of anything else.
  function offers(part) {
    return Array.prototype.map.call(part.querySelectorAll('form:not([data-discard])'), function (form) {
      return form.getAttribute('action') + ' ' + (form.elements.base ? form.elements.base.value : '');
    }).sort().join();
  }

  // What may take the focus and is the same in a part that was made anew.
  function mark(e) { return e.tagName + ' ' + (e.getAttribute('href') || e.textContent); }

  // What is folded, by its title without the numbers in it.
  function fold(e) { var title = e.querySelector('summary'); return title ? title.textContent.replace(/[0-9]+/g, '').trim() : ''; }

  function swap(part, fresh) {
    var active = document.activeElement;
    var unfolded = Array.prototype.map.call(part.querySelectorAll('details[open]'), fold);
    var focused = part.contains(active) && /^(A|SUMMARY)$/.test(active.tagName) && mark(active);
    fresh = document.importNode(fresh, true);
    fresh.querySelectorAll('details').forEach(function (e) { if (unfolded.indexOf(fold(e)) >= 0) e.open = true; });
    part.replaceWith(fresh);
    if (!focused) return;
    var again = Array.prototype.find.call(fresh.querySelectorAll('a, summary'), function (e) { return mark(e) === focused; });
    if (again) again.focus({ preventScroll: true });
  }

  function refreshBar() {
    fetchPage('/fragments/sync').then(function (page) {
      var bar = document.getElementById('sync'), fresh = page.getElementById('sync');
      if (bar && fresh && bar.outerHTML !== fresh.outerHTML) swap(bar, fresh);
      stopped(false);
      // They have signed in in another tab.
      if (told && !told.hidden) fetchPage(here()).then(rejoin).catch(function () {});
    }).catch(function (error) {
      // An answer, whatever it says, comes from a program that runs.
      stopped(!/^[0-9]+$/.test(error.message));
      if (gone && !gone.hidden) setTimeout(bar, 3000);
    });
  }

  // What the bar said was so when the program still ran.
  function stopped(is) {
    var bar = document.getElementById('sync');
    if (!gone) return;
    if (gone.hidden && is && bar) {
      bar.className = 'sync gone';
      bar.textContent = gone.getAttribute('data-bar');
    } else if (!gone.hidden && !is) {
      drafts.again();
    }
    gone.hidden = !is;
  }

  // A stream does not always tell that nobody is at its other end. This asks for nothing of the session.
  function lookFor() {
    if (!gone || document.hidden) return;
    // One that hangs does not answer either.
    var stop = new AbortController(), late = setTimeout(function () { stop.abort(); }, 4000);
    fetch('/healthz', { cache: 'no-store', signal: stop.signal })
      .then(function () { if (!gone.hidden) { stopped(false); bar(); } }, function () { stopped(true); })
      .then(function () { clearTimeout(late); });
  }
  setInterval(lookFor, 4500);

  // What was revealed is shown for so many milliseconds, whether anything happens meanwhile or not.
  function maskInTime() {
    document.querySelectorAll('[data-revealed]').forEach(function (e) {
      var part = e.closest('[data-part]');
      if (!e.until) e.until = Date.now() + Number(e.getAttribute('data-revealed'));
      if (Date.now() < e.until) return;
      e.until = Date.now() + 5000;
      fetchPage(here()).then(function (page) {
        var fresh = page && page.getElementById(part.id);
        if (fresh) swap(part, fresh);
      }).catch(function () { e.closest('dd').textContent = '—'; });
    });
  }
  setInterval(maskInTime, 1000);

  function refreshMain() {
    fetchPage(here(), main.getAttribute('data-version')).then(function (page) {
      if (!page) return;
      var kept = false;
      document.querySelectorAll('[data-part]').forEach(function (part) {
        var fresh = page.getElementById(part.id);
        if (!fresh) return;
        if (wouldMask(part, fresh)) {
          kept = true;
        } else if (!inUse(part)) {
          if (plain(part) !== plain(fresh)) swap(part, fresh);
        } else {
          kept = kept || plain(part) !== plain(fresh);
          if (offers(part) !== offers(fresh)) stale.hidden = false;
        }
      });
      // What was left as it is may be taken the next time.
      var whole = page.getElementById('main');
      main.setAttribute('data-version', kept || !whole ? '' : whole.getAttribute('data-version'));
    }).catch(function () {});
  }

  // A page that came back with a form is that of the document, whatever the address says.
  function here() { return main.getAttribute('data-url') || location.pathname + location.search; }

  // At most once a second, and the last one counts.
  function paced(work) {
    var timer = null, last = 0;
    return function () {
      if (timer) return;
      timer = setTimeout(function () { timer = null; last = Date.now(); work(); }, Math.max(0, last + 1000 - Date.now()));
    };
  }
  var bar = paced(refreshBar), body = paced(refreshMain);

  // One stream a visible tab: a browser opens only six connections to a node.
  var source = null;
  function listen() {
    if (source || !signedIn || document.hidden || !window.EventSource) return;
    source = new EventSource('/events');
    // What happened since the page was made, or while the stream was broken, was not heard.
    source.addEventListener('open', function () { bar(); if (live) body(); });
    // Where the session is over, or there are too many streams, the browser does not come again by itself.
    source.addEventListener('error', function () {
      bar();
      if (source && source.readyState === 2) { source = null; setTimeout(listen, 20000); }
    });
    source.addEventListener('sync', function () { bar(); if (live === 'sync') body(); });
    source.addEventListener('registry', function () { bar(); });
    source.addEventListener('reload', function () { bar(); if (live) body(); });
    source.addEventListener('changed', function (event) {
      bar();
      if (live === 'all' || live === event.data) body();
    });
  }
  document.addEventListener('visibilitychange', function () {
    if (document.hidden) {
      if (source) { source.close(); source = null; }
    } else {
      listen();
    }
  });
  listen();
  if (me) drafts.late(function () { return fetchPage(here()); });
  if (stale) stale.addEventListener('click', function () { leave(function () { location.assign(here()); }); });

  // What was refused is where the reader goes on, wherever on the page it stands.
  var refused = document.querySelector('[aria-invalid="true"], [data-refused]');
  if (refused) {
    for (var fold = refused.parentElement; fold; fold = fold.parentElement) { if (fold.tagName === 'DETAILS') fold.open = true; }
    refused.focus({ preventScroll: true });
    refused.scrollIntoView({ block: 'center' });
  }

  function rows() { return Array.prototype.slice.call(document.querySelectorAll('[data-row]')); }
  function move(step) {
    var all = rows(), at = all.indexOf(document.activeElement);
    var next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + step))];
    if (next) { next.focus(); next.scrollIntoView({ block: 'nearest' }); }
  }
  function showKeys(shown) {
    if (!keys) return;
    if (location.hash === '#keys') history.replaceState(null, '', location.pathname + location.search);
    keys.classList.toggle('shown', shown);
  }
  document.addEventListener('click', function (event) {
    var link = event.target.closest && event.target.closest('a[href="#keys"], #keys a');
    if (link) { event.preventDefault(); showKeys(link.getAttribute('href') === '#keys' && !keys.classList.contains('shown')); }
  });
  document.addEventListener('keydown', function (event) {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape') { showKeys(false); return; }
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable) return;
    if (document.body.getAttribute('data-keys') !== 'on') return;
    var key = event.key.toLowerCase();
    if (key === '/') {
      var search = document.getElementById('search');
      if (search) { search.focus(); search.select(); } else { leave(function () { location.href = '/'; }); }
    } else if (key === 'j') { move(1);
    } else if (key === 'k') { move(-1);
    } else if (key === 'n') { var fresh = document.getElementById('new'); if (!fresh) return; leave(function () { location.href = fresh.href; });
    } else if (key === '?') { showKeys(!keys || !keys.classList.contains('shown'));
    } else { return; }
    event.preventDefault();
  });
})();
