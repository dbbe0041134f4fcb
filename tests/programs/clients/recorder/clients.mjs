/**
 * The clients to record. Each sends, as its users would: `get` a query, `form` two fields, `upload` a field and a file,
 * `json`, `put` the bytes of the file, `empty` a POST of nothing. A kind may have a variant behind a hyphen.
 */
const PYTHON_DATA = `data = {'name': 'smith', 'note': 'žluť kůň'}; name = 'žluť.txt'; content = b'hello\\n'; url = sys.argv[1]`;
const python = (...lines) => ['# coding: utf-8', 'import sys', PYTHON_DATA, ...lines].join('\n');
const node = (...lines) =>
  [
    "import { createRequire } from 'node:module';",
    "const load = (name) => createRequire(process.env.MODULES + '/x.js')(name);",
    "const data = { name: 'smith', note: 'žluť kůň' }, filename = 'žluť.txt', content = Buffer.from('hello\\n'), url = process.argv[2];",
    ...lines,
  ].join('\n');
const npmVersion = (name) => `node -p "require('$MODULES/node_modules/${name}/package.json').version"`;
const ENCODED = 'name=smith&note=%C5%BElu%C5%A5+k%C5%AF%C5%88';
const JSON_TEXT = '{"name":"smith","note":"žluť kůň"}';
const QUERY = '?name=smith&note=%C5%BElu%C5%A5';
const FIELDS = [
  ['name', ['smith']],
  ['note', ['žluť kůň']],
];
/** Of clients that write a name as it stands in a URL, which no browser does: the percent signs may be its own. */
const PERCENT = { fields: FIELDS, files: [['upload', '%C5%BElu%C5%A5.txt', 'hello\n']] };
const each = (kinds, command) => Object.fromEntries(kinds.map((kind) => [kind, command(kind)]));

export const CLIENTS = [
  {
    name: 'curl',
    version: 'curl --version',
    requests: {
      get: `curl -s -G --data-urlencode name=smith --data-urlencode note=žluť $URL/get`,
      form: `curl -s --data-urlencode name=smith --data-urlencode 'note=žluť kůň' $URL/form`,
      upload: `curl -s -F name=smith -F 'note=žluť kůň' -F upload=@žluť.txt $URL/upload`,
      'upload-continue': `curl -s -H 'Expect: 100-continue' -F name=smith -F 'note=žluť kůň' -F upload=@žluť.txt $URL/upload`,
      'upload-chunked': `curl -s -H 'Transfer-Encoding: chunked' -F name=smith -F 'note=žluť kůň' -F upload=@žluť.txt $URL/upload`,
      'upload-base64': `curl -s -F name=smith -F 'note=žluť kůň' -F 'upload=@žluť.txt;encoder=base64' $URL/upload`,
      'upload-quoted': `curl -s -F name=smith -F 'note=žluť kůň;encoder=quoted-printable' -F 'upload=@žluť.txt;encoder=8bit' $URL/upload`,
      json: `curl -s -H 'Content-Type: application/json' -d '${JSON_TEXT}' $URL/json`,
      put: `curl -s -T hello.txt $URL/put`,
      'put-chunked': `cat hello.txt | curl -s -T - $URL/put`,
      empty: `curl -s -X POST $URL/empty`,
      'get-1.0': `curl -s -0 '$URL/get${QUERY}'`,
    },
  },
  {
    name: 'wget',
    version: 'wget --version',
    requests: {
      get: `wget -q -O- '$URL/get${QUERY}'`,
      form: `wget -q -O- --post-data '${ENCODED}' $URL/form`,
      put: `wget -q -O- --method=PUT --body-file=hello.txt $URL/put`,
      empty: `wget -q -O- --method=POST $URL/empty`,
    },
  },
  {
    name: 'python-urllib',
    version: 'python3 --version',
    prepare: '/usr/bin/python3 --version',
    files: {
      'urllib_.py': python(
        'import urllib.request, urllib.parse, json',
        'kind = sys.argv[2]; encoded = urllib.parse.urlencode(data)',
        "r = {'get': lambda: urllib.request.Request(url + '?' + urllib.parse.urlencode({'name': 'smith', 'note': 'žluť'})),",
        " 'form': lambda: urllib.request.Request(url, encoded.encode()),",
        " 'put': lambda: urllib.request.Request(url, content, method='PUT', headers={'Content-Type': 'text/plain'}),",
        " 'json': lambda: urllib.request.Request(url, json.dumps(data).encode(), {'Content-Type': 'application/json'})}[kind]()",
        'urllib.request.urlopen(r).read()',
      ),
    },
    requests: each(
      ['get', 'form', 'put', 'json'],
      (kind) => `/usr/bin/python3 urllib_.py $URL/${kind} ${kind}`,
    ),
  },
  {
    name: 'python-requests',
    version: `/usr/bin/python3 -c 'import requests, urllib3; print(requests.__version__, "urllib3", urllib3.__version__)'`,
    prepare: `/usr/bin/python3 -c 'import requests'`,
    files: {
      'requests_.py': python(
        'import requests',
        'kind = sys.argv[2]',
        "{'get': lambda: requests.get(url, params={'name': 'smith', 'note': 'žluť'}), 'form': lambda: requests.post(url, data=data),",
        " 'upload': lambda: requests.post(url, data=data, files={'upload': (name, content)}), 'json': lambda: requests.post(url, json=data),",
        " 'put': lambda: requests.put(url, data=iter([content])), 'empty': lambda: requests.post(url)}[kind]()",
      ),
    },
    requests: each(
      ['get', 'form', 'upload', 'json', 'put', 'empty'],
      (kind) => `/usr/bin/python3 requests_.py $URL/${kind} ${kind}`,
    ),
  },
  {
    name: 'python-urllib3',
    version: `/usr/bin/python3 -c 'import urllib3; print(urllib3.__version__)'`,
    prepare: `/usr/bin/python3 -c 'import urllib3'`,
    files: {
      'urllib3_.py': python(
        'import urllib3',
        'from urllib3.fields import RequestField, format_header_param_rfc2231',
        'kind = sys.argv[2]; http = urllib3.PoolManager()',
        'def old(k, v, f=None): r = RequestField(k, v, filename=f, header_formatter=format_header_param_rfc2231); r.make_multipart(); return r',
        "{'upload': lambda: http.request('POST', url, fields={**data, 'upload': (name, content)}),",
        " 'rfc2231': lambda: http.request('POST', url, fields=[old('name', 'smith'), old('note', data['note']), old('upload', content, name)]),",
        " 'form': lambda: http.request('POST', url, fields=data, encode_multipart=False)}[kind]()",
      ),
    },
    requests: {
      form: `/usr/bin/python3 urllib3_.py $URL/form form`,
      upload: `/usr/bin/python3 urllib3_.py $URL/upload upload`,
      'upload-rfc2231': `/usr/bin/python3 urllib3_.py $URL/upload rfc2231`,
    },
  },
  {
    name: 'python-httpx',
    version: `/usr/bin/python3 -c 'import httpx; print(httpx.__version__)'`,
    prepare: `/usr/bin/python3 -c 'import httpx'`,
    files: {
      'httpx_.py': python(
        'import httpx',
        'kind = sys.argv[2]',
        "{'get': lambda: httpx.get(url, params={'name': 'smith', 'note': 'žluť'}), 'form': lambda: httpx.post(url, data=data),",
        " 'upload': lambda: httpx.post(url, data=data, files={'upload': (name, content)}), 'json': lambda: httpx.post(url, json=data),",
        " 'empty': lambda: httpx.post(url)}[kind]()",
      ),
    },
    requests: each(
      ['get', 'form', 'upload', 'json', 'empty'],
      (kind) => `/usr/bin/python3 httpx_.py $URL/${kind} ${kind}`,
    ),
  },
  {
    name: 'python-aiohttp',
    version: `/usr/bin/python3 -c 'import aiohttp; print(aiohttp.__version__)'`,
    prepare: `/usr/bin/python3 -c 'import aiohttp'`,
    files: {
      'aiohttp_.py': python(
        'import aiohttp, asyncio',
        'kind = sys.argv[2]',
        'async def main():',
        '  async with aiohttp.ClientSession() as s:',
        "    if kind == 'get': await s.get(url, params={'name': 'smith', 'note': 'žluť'})",
        "    if kind == 'form': await s.post(url, data=data)",
        "    if kind == 'json': await s.post(url, json=data)",
        "    if kind == 'empty': await s.post(url)",
        "    if kind == 'put': await s.put(url, data=content)",
        "    if kind == 'upload':",
        "      f = aiohttp.FormData(data); f.add_field('upload', content, filename=name); await s.post(url, data=f)",
        'asyncio.run(main())',
      ),
    },
    requests: {
      ...each(
        ['get', 'form', 'json', 'put', 'empty'],
        (kind) => `/usr/bin/python3 aiohttp_.py $URL/${kind} ${kind}`,
      ),
      upload: { command: '/usr/bin/python3 aiohttp_.py $URL/upload upload', wanted: PERCENT },
    },
  },
  {
    name: 'python-toolbelt',
    version: `/usr/bin/python3 -c 'import requests_toolbelt; print(requests_toolbelt.__version__)'`,
    prepare: `/usr/bin/python3 -c 'import requests_toolbelt'`,
    files: {
      'toolbelt.py': python(
        'import requests',
        'from requests_toolbelt import MultipartEncoder',
        "m = MultipartEncoder({**data, 'upload': (name, content, 'text/plain')}); requests.post(url, data=m, headers={'Content-Type': m.content_type})",
      ),
    },
    requests: { upload: '/usr/bin/python3 toolbelt.py $URL/upload' },
  },
  {
    name: 'python-httplib2',
    version: `/usr/bin/python3 -c 'import httplib2; print(httplib2.__version__)'`,
    prepare: `/usr/bin/python3 -c 'import httplib2'`,
    files: {
      'httplib2_.py': python(
        'import httplib2, urllib.parse',
        "httplib2.Http().request(url, 'POST', urllib.parse.urlencode(data), {'Content-Type': 'application/x-www-form-urlencoded'})",
      ),
    },
    requests: { form: '/usr/bin/python3 httplib2_.py $URL/form' },
  },
  {
    name: 'httpie',
    version: 'http --version',
    requests: {
      get: `http --ignore-stdin GET $URL/get name==smith note==žluť`,
      form: `http --ignore-stdin --form POST $URL/form name=smith 'note=žluť kůň'`,
      upload: `http --ignore-stdin --form POST $URL/upload name=smith 'note=žluť kůň' upload@žluť.txt`,
      json: `http --ignore-stdin POST $URL/json name=smith 'note=žluť kůň'`,
    },
  },
  {
    name: 'node-fetch-of-node',
    version: 'node --version',
    files: {
      'fetch.mjs': node(
        'const kind = process.argv[3], post = (body, headers = {}) => fetch(url, { method: "POST", body, headers });',
        'const form = new FormData(); for (const [k, v] of Object.entries(data)) form.append(k, v); form.append("upload", new File([content], filename, { type: "text/plain" }));',
        'await ({ get: () => fetch(url + "?" + new URLSearchParams({ name: "smith", note: "žluť" })), form: () => post(new URLSearchParams(data)), upload: () => post(form),',
        '  json: () => post(JSON.stringify(data), { "Content-Type": "application/json" }), empty: () => post(undefined), "empty-text": () => post(""),',
        '  put: () => fetch(url, { method: "PUT", body: new Blob([content]).stream(), duplex: "half" }) })[kind]();',
      ),
    },
    requests: {
      ...each(
        ['get', 'form', 'upload', 'json', 'put', 'empty'],
        (kind) => `node fetch.mjs $URL/${kind} ${kind}`,
      ),
      'empty-text': 'node fetch.mjs $URL/empty empty-text',
    },
  },
  ...[
    ['axios', 'axios'],
    ['axios-old', 'axios-old'],
  ].map(([name, module]) => ({
    name,
    version: npmVersion(module),
    prepare: npmVersion(module),
    files: {
      [`${name}.mjs`]: node(
        `const loaded = load('${module}'), axios = loaded.default ?? loaded, FormData = load('form-data'), kind = process.argv[3];`,
        'const form = new FormData(); for (const [k, v] of Object.entries(data)) form.append(k, v); form.append("upload", content, { filename });',
        'await ({ get: () => axios.get(url, { params: { name: "smith", note: "žluť" } }), form: () => axios.post(url, new URLSearchParams(data)),',
        '  upload: () => axios.post(url, form, { headers: form.getHeaders() }), json: () => axios.post(url, data), empty: () => axios.post(url), put: () => axios.put(url, content) })[kind]();',
      ),
    },
    requests: each(
      ['get', 'form', 'upload', 'json', 'put', 'empty'],
      (kind) => `node ${name}.mjs $URL/${kind} ${kind}`,
    ),
  })),
  {
    name: 'got',
    version: npmVersion('got'),
    prepare: npmVersion('got'),
    files: {
      'got.mjs': node(
        'const { default: got } = await import(process.env.MODULES + "/node_modules/got/dist/source/index.js"), kind = process.argv[3];',
        'const form = new FormData(); for (const [k, v] of Object.entries(data)) form.append(k, v); form.append("upload", new File([content], filename, { type: "text/plain" }));',
        'await ({ form: () => got.post(url, { form: data }), upload: () => got.post(url, { body: form }), json: () => got.post(url, { json: data }), empty: () => got.post(url) })[kind]();',
      ),
    },
    requests: each(['form', 'upload', 'json', 'empty'], (kind) => `node got.mjs $URL/${kind} ${kind}`),
  },
  {
    name: 'superagent',
    version: npmVersion('superagent'),
    prepare: npmVersion('superagent'),
    files: {
      'superagent.mjs': node(
        "const agent = load('superagent'), kind = process.argv[3];",
        'await ({ form: () => agent.post(url).type("form").send(data), upload: () => agent.post(url).field(data).attach("upload", content, filename), json: () => agent.post(url).send(data) })[kind]();',
      ),
    },
    requests: each(['form', 'upload', 'json'], (kind) => `node superagent.mjs $URL/${kind} ${kind}`),
  },
  {
    name: 'node-fetch-2',
    version: npmVersion('node-fetch'),
    prepare: npmVersion('node-fetch'),
    files: {
      'node-fetch.mjs': node(
        "const fetch = load('node-fetch'), FormData = load('form-data');",
        'const form = new FormData(); for (const [k, v] of Object.entries(data)) form.append(k, v); form.append("upload", content, { filename });',
        'await fetch(url, { method: "POST", body: form });',
      ),
    },
    requests: { upload: 'node node-fetch.mjs $URL/upload' },
  },
  {
    name: 'node-fetch-3',
    version: npmVersion('node-fetch3'),
    prepare: npmVersion('node-fetch3'),
    files: {
      'node-fetch3.mjs': node(
        'const { default: fetch, FormData, File } = await import(process.env.MODULES + "/node_modules/node-fetch3/src/index.js");',
        'const form = new FormData(); for (const [k, v] of Object.entries(data)) form.append(k, v); form.append("upload", new File([content], filename));',
        'await fetch(url, { method: "POST", body: form });',
      ),
    },
    requests: { upload: 'node node-fetch3.mjs $URL/upload' },
  },
  {
    name: 'needle',
    version: npmVersion('needle'),
    prepare: npmVersion('needle'),
    files: {
      'needle.mjs': node(
        "const needle = load('needle'), kind = process.argv[3];",
        'await (kind === "form" ? needle("post", url, data) : needle("post", url, { ...data, upload: { buffer: content, filename, content_type: "text/plain" } }, { multipart: true }));',
      ),
    },
    requests: {
      form: 'node needle.mjs $URL/form form',
      upload: { command: 'node needle.mjs $URL/upload upload', wanted: PERCENT },
    },
  },
  {
    name: 'request',
    version: npmVersion('request'),
    prepare: npmVersion('request'),
    files: {
      'request_.mjs': node(
        "const request = load('request'), kind = process.argv[3];",
        'const options = { form: { form: data }, upload: { formData: { ...data, upload: { value: content, options: { filename } } } }, json: { json: data } }[kind];',
        'await new Promise((done) => request.post({ url, ...options }, done));',
      ),
    },
    requests: each(['form', 'upload', 'json'], (kind) => `node request_.mjs $URL/${kind} ${kind}`),
  },
  {
    name: 'undici',
    version: npmVersion('undici'),
    prepare: npmVersion('undici'),
    files: {
      'undici_.mjs': node(
        "const { request } = load('undici');",
        'await request(url, { method: "PUT", body: (async function* () { yield content; })(), headers: { "content-type": "text/plain" } });',
      ),
    },
    requests: { put: 'node undici_.mjs $URL/put' },
  },
  {
    name: 'go',
    version: 'go version',
    files: {
      'main.go': [
        'package main',
        'import ("bytes"; "mime/multipart"; "net/http"; "net/url"; "os"; "strings")',
        'func main() {',
        ' u, kind := os.Args[1], os.Args[2]',
        ' v := url.Values{"name": {"smith"}, "note": {"žluť kůň"}}',
        ' switch kind {',
        ' case "get": http.Get(u + "?name=smith&note=" + url.QueryEscape("žluť"))',
        ' case "form": http.PostForm(u, v)',
        ` case "json": http.Post(u, "application/json", strings.NewReader(\`${JSON_TEXT}\`))`,
        ' case "empty": http.Post(u, "", nil)',
        ' case "put": r, _ := http.NewRequest("PUT", u, struct{ *strings.Reader; x int }{strings.NewReader("hello\\n"), 0}); http.DefaultClient.Do(r)',
        ' case "upload":',
        '  var b bytes.Buffer; w := multipart.NewWriter(&b)',
        '  w.WriteField("name", "smith"); w.WriteField("note", "žluť kůň")',
        '  f, _ := w.CreateFormFile("upload", "žluť.txt"); f.Write([]byte("hello\\n")); w.Close()',
        '  http.Post(u, w.FormDataContentType(), &b)',
        ' }',
        '}',
      ].join('\n'),
    },
    prepare: 'go build -o goclient main.go',
    requests: each(
      ['get', 'form', 'upload', 'json', 'put', 'empty'],
      (kind) => `./goclient $URL/${kind} ${kind}`,
    ),
  },
  {
    name: 'java',
    version: 'java -version 2>&1',
    files: {
      'Net.java': [
        'import java.net.*; import java.net.http.*; import java.nio.charset.*; import java.io.*;',
        'public class Net { public static void main(String[] a) throws Exception {',
        ` String form = "${ENCODED}", query = "${QUERY}";`,
        ' if (a[1].startsWith("old")) { var c = (HttpURLConnection) new URL(a[0] + (a[1].equals("old-get") ? query : "")).openConnection();',
        '  if (a[1].equals("old-form")) { c.setDoOutput(true); c.getOutputStream().write(form.getBytes()); } c.getInputStream().readAllBytes(); return; }',
        ' var b = HttpRequest.newBuilder(URI.create(a[0] + (a[1].equals("get") ? query : "")));',
        ' if (a[1].equals("form")) b.header("Content-Type", "application/x-www-form-urlencoded").POST(HttpRequest.BodyPublishers.ofString(form));',
        ' if (a[1].equals("put")) b.PUT(HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream("hello\\n".getBytes())));',
        ' if (a[1].equals("empty")) b.POST(HttpRequest.BodyPublishers.noBody());',
        ' HttpClient.newHttpClient().send(b.build(), HttpResponse.BodyHandlers.ofString()); } }',
      ].join('\n'),
    },
    prepare: 'javac -encoding UTF-8 Net.java',
    requests: {
      'get-urlconnection': 'java Net $URL/get old-get',
      'form-urlconnection': 'java Net $URL/form old-form',
      ...each(['get', 'form', 'put', 'empty'], (kind) => `java Net $URL/${kind} ${kind}`),
    },
  },
  {
    name: 'okhttp',
    version: 'basename $(readlink -f /usr/share/java/okhttp.jar) .jar',
    files: {
      'Ok.java': [
        'import okhttp3.*;',
        'public class Ok { public static void main(String[] a) throws Exception {',
        ' String note = "žluť kůň";',
        ' RequestBody body = a[1].equals("form") ? new FormBody.Builder().add("name", "smith").add("note", note).build() : new MultipartBody.Builder().setType(MultipartBody.FORM).addFormDataPart("name", "smith")',
        '  .addFormDataPart("note", note).addFormDataPart("upload", "žluť.txt", RequestBody.create(MediaType.parse("text/plain"), "hello\\n".getBytes())).build();',
        ' new OkHttpClient().newCall(new Request.Builder().url(a[0]).post(body).build()).execute(); System.exit(0); } }',
      ].join('\n'),
    },
    prepare: 'javac -encoding UTF-8 -cp /usr/share/java/okhttp.jar:/usr/share/java/okio.jar Ok.java',
    requests: each(
      ['form', 'upload'],
      (kind) =>
        `java -Dfile.encoding=UTF-8 -cp /usr/share/java/okhttp.jar:/usr/share/java/okio.jar:. Ok $URL/${kind} ${kind}`,
    ),
  },
  {
    name: 'apache-httpclient',
    version: 'basename $(readlink -f /usr/share/java/httpclient.jar) .jar',
    files: {
      'Apache.java': [
        'import org.apache.http.client.methods.*; import org.apache.http.impl.client.*; import org.apache.http.entity.*; import org.apache.http.entity.mime.*; import org.apache.http.client.entity.*; import org.apache.http.message.*; import java.util.*; import java.nio.charset.*;',
        'public class Apache { public static void main(String[] a) throws Exception {',
        ' HttpPost post = new HttpPost(a[0]); Charset cs = StandardCharsets.UTF_8; ContentType text = ContentType.create("text/plain", cs);',
        ' if (a[1].equals("form")) post.setEntity(new UrlEncodedFormEntity(List.of(new BasicNameValuePair("name", "smith"), new BasicNameValuePair("note", "žluť kůň")), a[2]));',
        ' else post.setEntity(MultipartEntityBuilder.create().setMode(a[2].equals("browser") ? HttpMultipartMode.BROWSER_COMPATIBLE : HttpMultipartMode.RFC6532).setCharset(cs).addTextBody("name", "smith", text)',
        '  .addTextBody("note", "žluť kůň", text).addBinaryBody("upload", "hello\\n".getBytes(), ContentType.DEFAULT_BINARY, "žluť.txt").build());',
        ' HttpClients.createDefault().execute(post); } }',
      ].join('\n'),
    },
    prepare:
      'javac -encoding UTF-8 -cp "/usr/share/java/httpclient.jar:/usr/share/java/httpcore.jar:/usr/share/java/httpmime.jar" Apache.java',
    requests: Object.fromEntries(
      [
        ['form', 'form UTF-8'],
        ['form-latin2', 'form ISO-8859-2'],
        ['upload', 'upload rfc6532'],
        ['upload-browser', 'upload browser'],
      ].map(([kind, more]) => [
        kind,
        `java -Dfile.encoding=UTF-8 -cp "/usr/share/java/httpclient.jar:/usr/share/java/httpcore.jar:/usr/share/java/httpmime.jar:/usr/share/java/commons-logging.jar:." Apache $URL/${kind.replace(/-.*/, '')} ${more}`,
      ]),
    ),
  },
  {
    name: 'dotnet-mono',
    version: 'mono --version',
    files: {
      'Net.cs': [
        'using System; using System.Net.Http; using System.Text; using System.Collections.Generic;',
        'class P { static void Main(string[] a) { var c = new HttpClient(); HttpContent b = null;',
        ' var d = new Dictionary<string, string> { { "name", "smith" }, { "note", "žluť kůň" } };',
        ' if (a[1] == "form") b = new FormUrlEncodedContent(d);',
        ` if (a[1] == "json") b = new StringContent("${JSON_TEXT.replaceAll('"', '\\"')}", Encoding.UTF8, "application/json");`,
        ' if (a[1].StartsWith("upload")) { var m = new MultipartFormDataContent(); foreach (var p in d) m.Add(new StringContent(p.Value), p.Key); m.Add(new ByteArrayContent(Encoding.UTF8.GetBytes("hello\\n")), "upload", a[1] == "upload" ? "žluť.txt" : "hello.txt"); b = m; }',
        ` if (a[1] == "get") c.GetAsync(a[0] + "${QUERY}").Wait(); else c.PostAsync(a[0], b).Wait(); } }`,
      ].join('\n'),
    },
    prepare: 'mcs -r:System.Net.Http.dll Net.cs',
    requests: {
      ...each(['get', 'form', 'upload', 'json', 'empty'], (kind) => `mono Net.exe $URL/${kind} ${kind}`),
      'upload-ascii': {
        command: 'mono Net.exe $URL/upload upload-ascii',
        wanted: { fields: FIELDS, files: [['upload', 'hello.txt', 'hello\n']] },
      },
    },
  },
  {
    name: 'php',
    version: 'php --version',
    files: {
      'php_.php': [
        '<?php [$_, $url, $kind] = $argv; $data = ["name" => "smith", "note" => "žluť kůň"]; $c = curl_init($url); curl_setopt($c, CURLOPT_POST, true); curl_setopt($c, CURLOPT_RETURNTRANSFER, true);',
        'if ($kind == "streams") { file_get_contents($url, false, stream_context_create(["http" => ["method" => "POST", "header" => "Content-Type: application/x-www-form-urlencoded", "content" => http_build_query($data)]])); exit; }',
        'if ($kind == "get") { file_get_contents($url . "?" . http_build_query(["name" => "smith", "note" => "žluť"])); exit; }',
        'curl_setopt($c, CURLOPT_POSTFIELDS, $kind == "form" ? http_build_query($data) : $data + ["upload" => new CURLFile("žluť.txt", "text/plain", "žluť.txt")]); curl_exec($c);',
      ].join('\n'),
      'guzzle.php': [
        '<?php require "/usr/share/php/GuzzleHttp/autoload.php"; (new GuzzleHttp\\Client())->post($argv[1], ["multipart" => [["name" => "name", "contents" => "smith"], ["name" => "note", "contents" => "žluť kůň"], ["name" => "upload", "contents" => "hello\\n", "filename" => "žluť.txt"]]]);',
      ].join('\n'),
    },
    requests: {
      get: 'php php_.php $URL/get get',
      form: 'php php_.php $URL/form form',
      'form-streams': 'php php_.php $URL/form streams',
      upload: 'php php_.php $URL/upload upload',
      'upload-guzzle': 'php guzzle.php $URL/upload',
    },
  },
  {
    name: 'ruby',
    version: 'ruby --version',
    files: {
      'net.rb': [
        'require "net/http"; url, kind = ARGV; uri = URI(url); data = { "name" => "smith", "note" => "žluť kůň" }',
        'case kind',
        'when "get" then Net::HTTP.get(URI(url + "?" + URI.encode_www_form("name" => "smith", "note" => "žluť")))',
        'when "form" then Net::HTTP.post_form(uri, data)',
        'when "empty" then Net::HTTP.start(uri.host, uri.port) { |h| h.request(Net::HTTP::Post.new(uri)) }',
        'when "upload" then r = Net::HTTP::Post.new(uri); r.set_form(data.to_a + [["upload", File.open("žluť.txt")]], "multipart/form-data"); Net::HTTP.start(uri.host, uri.port) { |h| h.request(r) }',
        'when "httpclient" then require "httpclient"; HTTPClient.new.post(url, data.merge("upload" => File.open("žluť.txt")))',
        'when "rest-client" then require "rest-client"; RestClient.post(url, data.merge("upload" => File.open("žluť.txt")))',
        'when "typhoeus" then require "typhoeus"; Typhoeus.post(url, body: data.merge("upload" => File.open("žluť.txt")))',
        'end',
      ].join('\n'),
    },
    requests: {
      ...each(['get', 'form', 'upload', 'empty'], (kind) => `ruby net.rb $URL/${kind} ${kind}`),
      ...Object.fromEntries(
        ['httpclient', 'rest-client', 'typhoeus'].map((kind) => [
          `upload-${kind}`,
          `ruby net.rb $URL/upload ${kind}`,
        ]),
      ),
    },
  },
  {
    name: 'perl',
    version: `perl -MLWP -e 'print "libwww-perl $LWP::VERSION, perl $^V"'`,
    files: {
      'lwp.pl': [
        'use LWP::UserAgent; use HTTP::Request::Common; use HTTP::Tiny; my ($url, $kind) = @ARGV; my @d = (name => "smith", note => "žluť kůň"); my $ua = LWP::UserAgent->new;',
        `$ua->get("$url${QUERY.replaceAll('%', '\\x25')}") if $kind eq "get"; $ua->post($url, \\@d) if $kind eq "form"; $ua->post($url) if $kind eq "empty";`,
        '$ua->request(POST $url, Content_Type => "form-data", Content => [@d, upload => ["žluť.txt"]]) if $kind eq "upload";',
        'if ($kind eq "tiny") { utf8::decode($_) for @d; HTTP::Tiny->new->post_form($url, \\@d); } if ($kind eq "mojo") { require Mojo::UserAgent; Mojo::UserAgent->new->post($url => form => { name => "smith", note => Mojo::Util::decode("UTF-8", "žluť kůň"), upload => { content => "hello\\n", filename => Mojo::Util::decode("UTF-8", "žluť.txt") } }); }',
      ].join('\n'),
    },
    requests: {
      ...each(['get', 'form', 'upload', 'empty'], (kind) => `perl lwp.pl $URL/${kind} ${kind}`),
      'form-tiny': 'perl lwp.pl $URL/form tiny',
      'upload-mojo': 'perl lwp.pl $URL/upload mojo',
    },
  },
  {
    name: 'lynx',
    version: 'lynx -version',
    requests: {
      get: `lynx -dump '$URL/get${QUERY}'`,
      form: `echo '${ENCODED}' | lynx -dump -post_data $URL/form`,
    },
  },
  { name: 'w3m', version: 'w3m -version', requests: { get: `w3m -dump '$URL/get${QUERY}'` } },
  { name: 'elinks', version: 'elinks -version', requests: { get: `elinks -dump '$URL/get${QUERY}'` } },
  { name: 'links', version: 'links -version', requests: { get: `links -dump '$URL/get${QUERY}'` } },
  {
    name: 'aria2',
    version: 'aria2c --version',
    requests: { get: `aria2c -q -o aria.out '$URL/get${QUERY}'` },
  },
  {
    name: 'tcl',
    version: `echo 'puts [package require http]' | tclsh`,
    files: {
      'http.tcl':
        'package require http; lassign $argv url kind; if {$kind eq "get"} { http::geturl $url } else { http::geturl $url -query [http::formatQuery name smith note "žluť kůň"] }',
    },
    requests: { get: `tclsh http.tcl '$URL/get${QUERY}' get`, form: 'tclsh http.tcl $URL/form form' },
  },
  {
    name: 'chromium',
    version: 'chromium --version',
    files: {
      'browser.mjs': [
        "import { createRequire } from 'node:module';",
        "const { chromium } = createRequire(process.env.REPOSITORY + '/package.json')('playwright-core'), [, , url, kind] = process.argv;",
        "const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] }), page = await browser.newPage();",
        `if (kind === 'get') await page.goto(url + '${QUERY}'); else {`,
        "const enctype = kind === 'upload' ? 'multipart/form-data' : 'application/x-www-form-urlencoded', charset = kind === 'latin2' ? 'iso-8859-2' : 'utf-8';",
        'await page.setContent(`<meta charset=utf-8><form method=post action=${url} enctype=${enctype} accept-charset=${charset}>${kind === "empty" ? "" : `<input name=name value=smith><input name=note value="žluť kůň">`}${kind === "upload" ? "<input type=file name=upload>" : ""}</form>`);',
        "if (kind === 'upload') await page.setInputFiles('input[type=file]', 'žluť.txt');",
        'await Promise.all([page.waitForNavigation({ timeout: 10000 }).catch(() => {}), page.evaluate(() => document.forms[0].submit())]); }',
        'await browser.close();',
      ].join('\n'),
    },
    requests: {
      ...each(['get', 'form', 'upload', 'empty'], (kind) => `node browser.mjs $URL/${kind} ${kind}`),
    },
  },
];
