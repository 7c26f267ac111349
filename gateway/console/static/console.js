// GraphiQL with three choices above it (example, persona, language) and the trace of each answer.
const { createElement: h, useEffect, useMemo, useState } = React;

const root = document.getElementById("console");
const settings = JSON.parse(root.dataset.settings);

// A persona's name outlives a reload of this tab; its token does not leave this page's memory.
const remembered = {
  get: (key) => sessionStorage.getItem(`citygate:${key}`),
  set: (key, value) => sessionStorage.setItem(`citygate:${key}`, value),
};

const session = {
  language: remembered.get("language") ?? settings.language,
  persona: "",
  token: null, // a promise of {value, expiresAt}, or null for nobody
};

async function issueToken(persona) {
  const answer = await fetch(`/sandbox/personas/${encodeURIComponent(persona)}/token`, { method: "POST" });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  return { value: body.access_token, expiresAt: Date.now() + (body.expires_in - 10) * 1000 };
}

function become(persona) {
  session.persona = persona;
  session.token = persona ? issueToken(persona) : null;
  return session.token;
}

async function bearer() {
  if (session.token === null) return null;
  const token = await session.token.catch(() => null);
  if (token !== null && token.expiresAt > Date.now()) return token.value;
  return (await become(session.persona)).value;
}

/** Send GraphiQL's request with the persona's token and the language; tell `onAnswer` how it went. */
function fetchAs(onAnswer) {
  return async (url, options) => {
    const headers = new Headers(options.headers);
    if (!headers.has("Accept")) headers.set("Accept", "application/graphql-response+json, application/json;q=0.9");
    if (!headers.has("Accept-Language")) headers.set("Accept-Language", session.language);
    if (!headers.has("Authorization")) {
      const token = await bearer();
      if (token) headers.set("Authorization", `Bearer ${token}`);
    }
    const request = JSON.parse(options.body);
    const isIntrospection = request.operationName === "IntrospectionQuery";
    if (!isIntrospection) onAnswer(null);
    const started = performance.now();
    const answer = await fetch(url, { ...options, headers, body: JSON.stringify(withOwnName(request)) });
    if (!isIntrospection) {
      const milliseconds = Math.round(performance.now() - started);
      traceIdOf(answer.clone()).then((traceId) => onAnswer({ status: answer.status, milliseconds, traceId }));
    }
    return answer;
  };
}

/** GraphiQL learns an operation's name a moment after its text: leave out a name the document does not have. */
function withOwnName({ operationName, ...request }) {
  const named = new RegExp(`\\b(query|mutation|subscription)\\s+${operationName}\\b`);
  return named.test(request.query) ? { ...request, operationName } : request;
}

/** Read extensions.traceId from a JSON answer, or from the parts of an incremental one. */
async function traceIdOf(answer) {
  const type = answer.headers.get("Content-Type") ?? "";
  if (!/json|multipart\/mixed/.test(type)) return null;
  const text = await answer.text();
  const payloads = type.startsWith("multipart") ? text.split(/\r?\n/).filter((line) => line.startsWith("{")) : [text];
  for (const payload of payloads) {
    const traceId = parse(payload)?.extensions?.traceId;
    if (/^[0-9a-f]{32}$/.test(traceId)) return traceId;
  }
  return null;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // an answer that is not JSON has no trace id; GraphiQL shows what it is
  }
}

const localised = (text, language) => (typeof text === "string" ? text : (text?.[language] ?? text?.en ?? ""));

function Choice({ id, label, value, options, onChange }) {
  const entries = options.map((option) => h("option", { key: option.value, ...option }, option.label));
  return h(
    "label",
    { className: "choice", htmlFor: id },
    h("span", null, label),
    h("select", { id, value, onChange: (event) => onChange(event.target.value) }, entries),
  );
}

function Answer({ answer, text, language }) {
  if (answer === null) return null;
  const ok = answer.status < 400 ? "ok" : "failed";
  const link =
    answer.traceId &&
    h("a", { id: "trace-link", href: `/traces/${answer.traceId}?lang=${language}`, target: "_blank" }, text.trace_link);
  return h(
    "span",
    { className: "answer" },
    h("span", { className: `outcome ${ok}` }, answer.status),
    h("span", { className: "milliseconds" }, `${answer.milliseconds} ms`),
    link,
  );
}

function usePersonas(report) {
  const [personas, setPersonas] = useState([]);
  const [persona, setPersona] = useState("");
  const choose = (name) => {
    setPersona(name);
    remembered.set("persona", name);
    report("");
    become(name)?.catch((error) => session.persona === name && report(error.message));
  };
  useEffect(() => {
    if (!settings.sandbox) return;
    personasFromSandbox.then((found) => {
      setPersonas(found);
      setPersona(session.persona);
      session.token?.catch((error) => report(error.message));
    }, (error) => report(error.message));
  }, []);
  return { personas, persona, choose };
}

/** The personas, once; the first of them, or the one chosen before, is who the first request comes from. */
async function loadPersonas() {
  const answer = await fetch("/sandbox/personas");
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error);
  const before = remembered.get("persona");
  const known = before === "" || body.some((each) => each.name === before);
  become(known ? before : (body[0]?.name ?? ""));
  return body;
}

function Bar({ text, language, setLanguage, example, setExample, answer }) {
  const [problem, report] = useState("");
  const { personas, persona, choose } = usePersonas(report);
  const examples = settings.examples.map(({ title }, index) => ({ value: String(index), label: title }));
  const people = personas.map((each) => ({
    value: each.name,
    label: localised(each.title, language) || each.name,
    title: localised(each.description, language),
  }));
  const languages = [
    { value: "en", label: "English" },
    { value: "zh-CN", label: "中文" },
  ];
  return h(
    "header",
    { className: "bar" },
    h("strong", null, "Citygate"),
    examples.length > 0 &&
      h(Choice, { id: "example", label: text.example, value: example, options: examples, onChange: setExample }),
    settings.sandbox &&
      h(Choice, {
        id: "persona",
        label: text.persona,
        value: persona,
        options: [...people, { value: "", label: text.nobody }],
        onChange: choose,
      }),
    h(Choice, { id: "language", label: text.language, value: language, options: languages, onChange: setLanguage }),
    h("span", { className: "problem", role: "status" }, problem && text.no_token + problem),
    h(Answer, { answer, text, language }),
    h("a", { className: "requests", href: `/traces?lang=${language}` }, text.all_requests),
  );
}

function Console() {
  const [language, setLanguageState] = useState(session.language);
  const [example, setExample] = useState("0");
  const [picked, setPicked] = useState({});
  const [answer, setAnswer] = useState(null);
  const fetcher = useMemo(
    () => GraphiQL.createFetcher({ url: settings.endpoint, fetch: fetchAs(setAnswer), enableIncrementalDelivery: true }),
    [],
  );
  const setLanguage = (chosen) => {
    session.language = chosen;
    remembered.set("language", chosen);
    document.documentElement.lang = chosen;
    setLanguageState(chosen);
  };
  const pick = (index) => {
    const { query, variables } = settings.examples[index];
    setExample(index);
    setPicked({ query, variables });
  };
  const [first] = settings.examples;
  return h(
    React.Fragment,
    null,
    h(Bar, { text: settings.texts[language], language, setLanguage, example, setExample: pick, answer }),
    h(GraphiQL, {
      fetcher,
      storage: sessionStorage, // operations and variables may name a person: gone when the tab is closed
      shouldPersistHeaders: false,
      defaultTabs: first && [{ query: first.query, variables: first.variables }],
      defaultEditorToolsVisibility: first?.variables ? "variables" : false,
      ...picked,
    }),
  );
}

const personasFromSandbox = settings.sandbox ? loadPersonas() : Promise.resolve([]);
const start = () => ReactDOM.createRoot(root).render(h(Console));
personasFromSandbox.then(start, start); // without personas the bar says why, and the page goes on without a token
