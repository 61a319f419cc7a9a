// Drafts: what is typed is kept by the node a second after the last key, and when the page is left. Nothing that was typed
// is left behind unkept without a question. Nothing newer than Chromium 90.
(function () {
  'use strict';
  var body = document.body, me = body.getAttribute('data-person');
  var drafts = window.jiesuDrafts = {};
  var PAUSE_MS = 1000, AGAIN_MS = 5000, WAIT_MS = 8000;
  // The browser sends no more than that once a page is left.
  var LAST_BYTES_MAX = 60000;
  var HELD = 'jiesu-held:';

  // A tab is one window, also after a reload: what it has kept it may keep anew.
  function stored(name, value) {
    try {
      if (value === undefined) return sessionStorage.getItem(name);
      if (value === null) sessionStorage.removeItem(name); else sessionStorage.setItem(name, value);
    } catch (refused) { return null; }
  }
  var own = stored('jiesu-window');
  if (!own) { own = 'w' + Math.random().toString(36).slice(2, 12); stored('jiesu-window', own); }

  function all() { return Array.prototype.filter.call(document.querySelectorAll('form'), keeps); }
  function keeps(form) {
    return !!me && !!form.elements.draft && !form.hasAttribute('data-discard') && !form.hasAttribute('data-loose') && form.hasAttribute('data-window');
  }
  function name(form) { return form.elements.draft.value; }
  // What of a form is not kept: the count of changes, and up to which it is kept.
  function state(form) { return form.draftState || (form.draftState = { changes: 0, kept: 0, timer: null, saving: null }); }
  function unkept(form) { return keeps(form) && !!form.draftState && form.draftState.kept < form.draftState.changes; }

  function fields(form) {
    return Array.prototype.filter.call(form.querySelectorAll('input, textarea, select'), function (e) {
      return e.name && e.type !== 'hidden' && e.type !== 'password';
    });
  }
  function initial(e) {
    if (e.tagName !== 'SELECT') return e.defaultValue;
    var chosen = Array.prototype.find.call(e.options, function (o) { return o.defaultSelected; }) || e.options[0];
    return chosen ? chosen.value : '';
  }
  function same(e) { return e.type === 'checkbox' ? e.checked === e.defaultChecked : e.value === initial(e); }
  function empty(e) { return e.type === 'checkbox' ? !e.checked : e.tagName === 'SELECT' || !e.value; }
  // Nothing of one's own is in it any more.
  function nothing(form) { return fields(form).every(form.getAttribute('data-window') ? empty : same); }

  function say(form, text, bad) {
    var said = form.querySelector('.draft-said');
    if (!said) {
      said = document.createElement('span');
      (form.querySelector('.send') || form).appendChild(said);
    }
    said.className = 'draft-said' + (bad ? ' bad' : '');
    said.textContent = text;
  }

  // What waits in the browser while nobody answers: never what names somebody, and never in the sight of another person.
  function key(form) { return HELD + me + ':' + body.getAttribute('data-doc') + ':' + name(form); }
  function hold(form) {
    if (form.hasAttribute('data-private')) return;
    var held = {};
    fields(form).forEach(function (e) {
      if (!e.hasAttribute('data-private')) held[e.name] = e.type === 'checkbox' ? e.checked : e.value;
    });
    stored(key(form), JSON.stringify(held));
  }
  function release() {
    var names = [];
    try { names = Object.keys(sessionStorage); } catch (refused) { return; }
    names.forEach(function (n) { if (n.indexOf(HELD) === 0 && n.indexOf(HELD + me + ':') !== 0) stored(n, null); });
    all().forEach(function (form) {
      var text = stored(key(form));
      if (!text) return;
      var held = JSON.parse(text), differs = false;
      fields(form).forEach(function (e) {
        if (!(e.name in held)) return;
        if (e.type === 'checkbox') { differs = differs || e.checked !== held[e.name]; e.checked = held[e.name]; return; }
        differs = differs || e.value !== held[e.name];
        e.value = held[e.name];
      });
      if (!differs) { stored(key(form), null); return; }
      for (var up = form.closest('details'); up; up = up.parentElement && up.parentElement.closest('details')) up.open = true;
      touched(form);
      say(form, body.getAttribute('data-back'));
    });
  }

  function save(form, last) {
    var s = state(form), at = s.changes, data = new URLSearchParams();
    clearTimeout(s.timer);
    new FormData(form).forEach(function (value, n) { data.append(n, value); });
    data.append('draft.doc', body.getAttribute('data-doc'));
    data.append('draft.window', own);
    data.append('draft.seen', form.getAttribute('data-window'));
    var none = nothing(form);
    if (none) data.append('draft.nothing', '1');
    var text = data.toString(), stop = window.AbortController && new AbortController();
    var late = setTimeout(function () { if (stop) stop.abort(); }, WAIT_MS);
    s.saving = fetch('/drafts', {
      method: 'POST', body: data, credentials: 'same-origin', headers: { 'X-Draft': '1' },
      keepalive: !!last && text.length < LAST_BYTES_MAX, signal: stop ? stop.signal : undefined
    }).then(function (answer) {
      return answer.text().then(function (told) {
        if (answer.ok) {
          s.kept = Math.max(s.kept, at);
          stored(key(form), null);
          if (s.kept === s.changes) say(form, none ? '' : body.getAttribute('data-kept') + ' ' + told);
          return 'kept';
        }
        if (answer.status === 401 || answer.status === 403) { if (drafts.signedOut) drafts.signedOut(); return 'out'; }
        say(form, told || body.getAttribute('data-unkept'), true);
        if (answer.status === 429 || answer.status >= 500) later(form, AGAIN_MS);
        return 'not';
      });
    }).catch(function () {
      if (s.sent) return 'kept';
      hold(form);
      say(form, body.getAttribute('data-unkept'), true);
      later(form, AGAIN_MS);
      return 'gone';
    }).then(function (came) { clearTimeout(late); s.saving = null; return came; });
    return s.saving;
  }
  function later(form, ms) {
    var s = state(form);
    clearTimeout(s.timer);
    s.timer = setTimeout(function () { if (unkept(form) && form.isConnected) soon(form); }, ms);
  }
  // One at a time, so that the last one is the last to arrive.
  function soon(form) {
    var s = state(form);
    return s.saving ? s.saving.then(function (came) { return came === 'kept' && unkept(form) ? save(form) : came; }) : save(form);
  }
  function touched(form) {
    var s = state(form);
    form.classList.add('dirty');
    // What was said was said of what stood there before.
    if (form.querySelector('.draft-said')) say(form, '');
    s.changes += 1;
    s.sent = false;
    later(form, PAUSE_MS);
  }

  document.addEventListener('input', function (event) { if (event.target.form && keeps(event.target.form)) touched(event.target.form); });
  document.addEventListener('focusout', function (event) {
    var form = event.target.form;
    if (form && unkept(form) && !state(form).saving) save(form);
  });

  // What is not kept, and what is on its way.
  function pending() { return all().filter(function (form) { return unkept(form) || (form.draftState && form.draftState.saving); }); }
  drafts.keeps = keeps;
  drafts.touched = touched;
  drafts.pending = function () { return pending().length > 0; };
  drafts.unkept = function (but) { return all().some(function (form) { return form !== but && unkept(form); }); };
  // Keeps all; the worst that came of it: kept, not, out (the session is over), gone (nobody answers).
  drafts.flush = function () {
    return Promise.all(pending().map(soon)).then(function (came) {
      return ['gone', 'out', 'not'].find(function (one) { return came.indexOf(one) >= 0; }) || 'kept';
    });
  };
  // A form is sent, or thrown away: of it nothing is to be kept any more.
  drafts.sends = function (form) {
    var thrown = form.hasAttribute('data-discard') && all().find(function (one) { return name(one) === form.elements.draft.value; });
    [form, thrown].forEach(function (one) {
      if (!one || !keeps(one)) return;
      var s = state(one);
      clearTimeout(s.timer);
      s.kept = s.changes;
      s.sent = true;
      stored(key(one), null);
    });
  };
  drafts.again = function () { all().filter(unkept).forEach(soon); };
  // At the last moment.
  function last() {
    var left = all().filter(unkept);
    left.forEach(function (form) { save(form, true); });
    if (left.length) stored('jiesu-late', '1');
  }
  window.addEventListener('pagehide', last);
  document.addEventListener('visibilitychange', function () { if (document.hidden) all().filter(unkept).forEach(soon); });

  // What was kept at the last moment may have come too late for the page that followed.
  drafts.late = function (fetchPage) {
    if (!stored('jiesu-late')) return;
    stored('jiesu-late', null);
    setTimeout(function () {
      fetchPage().then(function (page) {
        all().forEach(function (form) {
          var fresh = page && Array.prototype.find.call(page.querySelectorAll('form[data-window]'), function (one) {
            return one.elements.draft && name(one) === name(form);
          });
          if (!fresh || unkept(form) || !fresh.getAttribute('data-window') || form.contains(document.activeElement)) return;
          if (fields(fresh).every(function (e, n) { var f = fields(form)[n]; return f && f.value === e.value && f.checked === e.checked; })) return;
          fresh = document.importNode(fresh, true);
          form.replaceWith(fresh);
          for (var up = fresh.closest('details'); up; up = up.parentElement && up.parentElement.closest('details')) up.open = true;
        });
      }).catch(function () {});
    }, 700);
  };

  // The present moment, as this country's clocks show it.
  document.documentElement.classList.add('script');
  document.addEventListener('click', function (event) {
    var button = event.target.closest && event.target.closest('button[data-now]');
    var field = button && document.getElementById(button.getAttribute('data-now'));
    if (!field) return;
    field.value = new Date(Date.now() + 8 * 3600000).toISOString().slice(0, 16);
    field.dispatchEvent(new Event('input', { bubbles: true }));
    field.focus();
  });

  release();
  // What came back after an error and could not be kept by the node.
  all().forEach(function (form) { if (form.classList.contains('dirty') && !form.getAttribute('data-window')) touched(form); });
})();
