// The frame of a page: its title, the buttons of its views, its messages, and the view that is shown.

import {session} from "./api.js";
import {Component, html} from "./elements.js";
import {doing, shownBy} from "./messages.js";

// `views` are [name, label, component]; `begin` asks for the facts about the mock, and gives the title; `Controls` are beside
// the title, and `Access` is shown where the control API refused a request.
export class Page extends Component {
  state = {shown: this.props.views[0][0], title: "", generation: 0, round: 0, done: "", problem: null, live: "", byHand: null};

  componentDidMount() {
    shownBy((messages) => this.setState(messages));
    doing(() => this.begin())();
  }

  // Asks for the facts about the mock, and makes the views anew.
  async begin() {
    const title = await this.props.begin();
    this.setState(({generation}) => ({title, generation: generation + 1}));
  }

  // Shows another sandbox.
  async use(sandbox) {
    session.sandbox = sandbox;
    await this.begin();
  }

  // Lets the view that is shown load again.
  refresh() {
    this.setState(({round}) => ({round: round + 1}));
  }

  render({views, links, Controls, Access}, {shown, title, generation, round, done, problem, live, byHand}) {
    return html`
      <header>
        <h1>${title || document.title}</h1>
        <span id="live" role="status">${live}</span>
        ${Controls && html`<${Controls} page=${this} />`}
      </header>
      <nav aria-label="Views" onFocusIn=${showWhole}>
        ${views.map(([name, label]) => html`
          <button aria-pressed=${name === shown} onClick=${doing(() => this.setState({shown: name}))}>${label}</button>`)}
        ${links}
      </nav>
      <p id="problem" role="alert" hidden=${!problem}>${problem?.message}</p>
      ${Access && html`<${Access} page=${this} status=${problem?.status} />`}
      <p id="done" role="status">${done}</p>
      <div id="by-hand">${byHand && html`
        <label>${byHand.name}, to be copied by hand <textarea key=${byHand.text} ref=${selected} rows="6" readonly value=${byHand.text} /></label>`}
      </div>
      <main key=${generation}>
        ${generation > 0 && views.map(([name, label, Type]) => html`
          <section id=${name} aria-label=${label} hidden=${name !== shown}>
            <${Type} isShown=${name === shown} round=${round} page=${this} />
          </section>`)}
      </main>`;
  }
}

// Where the buttons do not fit, those that are half seen are not scrolled to by themselves.
const showWhole = ({target}) => target.scrollIntoView({block: "nearest", inline: "nearest"});
const selected = (field) => field?.select();
