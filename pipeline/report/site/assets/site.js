// Charts, sorting and searching. Without this file everything can still be read: charts have tables beside them.
(function () {
  'use strict';
  document.documentElement.classList.add('js');
  var charts = [];
  var printing = false;

  function css(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function number(value) {
    return value === null || value === undefined ? '—' : value.toLocaleString('zh-CN', { maximumFractionDigits: 2 });
  }

  // Large amounts in 万, so that an axis stays narrow.
  function short(value) {
    if (Math.abs(value) >= 1e8) { return number(value / 1e8) + ' 亿'; }
    if (Math.abs(value) >= 1e4) { return number(value / 1e4) + ' 万'; }
    return number(value);
  }

  function cut(text, length) {
    var letters = Array.from(text);
    return letters.length > length ? letters.slice(0, length - 1).join('') + '…' : text;
  }

  // Colours are the style sheet's. A tooltip is drawn, not written as HTML: no markup in a name can do anything, and the
  // page needs no permission for inline styles.
  function base(data) {
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: css('--ink') },
      tooltip: {
        trigger: 'axis', renderMode: 'richText', confine: true, axisPointer: { type: 'shadow' },
        backgroundColor: css('--paper'), borderColor: css('--line'), textStyle: { color: css('--ink'), fontSize: 13 },
        valueFormatter: function (v) { return number(v) + (data.unit === '%' ? '%' : ' ' + data.unit); }
      }
    };
  }

  function labels() { return { color: css('--muted'), fontSize: 12 }; }
  function values(data, type) {
    return {
      type: type, axisLabel: Object.assign(labels(), { formatter: data.unit === '%' ? '{value}%' : short, hideOverlap: true }),
      splitLine: { lineStyle: { color: css('--line') } }, splitNumber: 4, minInterval: data.unit === '家' ? 1 : 0
    };
  }
  function legend() { return { top: 0, left: 0, itemWidth: 12, itemHeight: 12, itemGap: 16, textStyle: { color: css('--ink'), fontSize: 13 } }; }
  function months(data) {
    return { type: 'category', data: data.labels, axisLabel: labels(), axisTick: { show: false }, axisLine: { lineStyle: { color: css('--muted') } } };
  }

  var draw = {
    trend: function (data) {
      return Object.assign(base(data), {
        legend: legend(), grid: { left: 4, right: 8, top: 36, bottom: 4, containLabel: true },
        xAxis: months(data), yAxis: values(data, 'value'),
        series: data.series.map(function (s) {
          return { type: 'bar', name: s.name, data: s.values, barMaxWidth: 22, itemStyle: { color: css('--bar-' + s.tone) } };
        })
      });
    },
    bars: function (data, width) {
      var narrow = width < 520;
      var isSingle = data.series.length === 1;
      return Object.assign(base(data), {
        legend: isSingle ? undefined : legend(),
        grid: { left: 4, right: isSingle ? 92 : 20, top: isSingle ? 4 : 36, bottom: 4, containLabel: true },
        yAxis: {
          type: 'category', inverse: true, data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: css('--muted') } },
          axisLabel: Object.assign(labels(), { color: css('--ink'), formatter: function (t) { return cut(t, narrow ? 9 : 22); } })
        },
        xAxis: Object.assign(values(data, 'value'), narrow ? { splitNumber: 2 } : {}),
        series: data.series.map(function (s) {
          return {
            type: 'bar', name: s.name, data: s.values, stack: 'all', barMaxWidth: 18, itemStyle: { color: css('--bar-' + s.tone) },
            label: { show: isSingle, position: 'right', color: css('--ink'), formatter: function (p) { return number(p.value); } }
          };
        })
      });
    },
    line: function (data) {
      var limit = data.limit[0];
      return Object.assign(base(data), {
        grid: { left: 4, right: limit === null ? 12 : 74, top: 14, bottom: 4, containLabel: true },
        xAxis: months(data), yAxis: Object.assign(values(data, 'value'), { min: 0, max: 100, interval: 25 }),
        series: data.series.map(function (s) {
          return {
            type: 'line', name: s.name, data: s.values, symbol: 'circle', symbolSize: 7, connectNulls: false,
            lineStyle: { color: css('--bar-' + s.tone), width: 2 }, itemStyle: { color: css('--bar-' + s.tone) },
            markLine: limit === null ? undefined : {
              silent: true, symbol: 'none', lineStyle: { color: css('--bar-withhold'), type: 'dashed' }, data: [{ yAxis: limit }],
              label: { color: css('--ink'), formatter: '阈值 ' + limit + '%' }
            }
          };
        })
      });
    }
  };

  function show(chart, width) {
    if (chart.drawn) { chart.drawn.dispose(); }
    if (chart.data.kind === 'bars') {
      chart.box.style.height = (chart.data.labels.length * 28 + (chart.data.series.length > 1 ? 74 : 42)) + 'px';
    }
    var w = width || chart.box.clientWidth;
    // Paper shows more dots than a screen.
    chart.drawn = echarts.init(chart.box, null, { renderer: 'canvas', locale: 'ZH', width: w, devicePixelRatio: printing ? 3 : window.devicePixelRatio });
    chart.drawn.setOption(draw[chart.data.kind](chart.data, w));
    chart.width = w;
  }

  function showAll() {
    charts.forEach(function (chart) { show(chart, 0); });
  }

  function startCharts() {
    if (!window.echarts) { return; }
    document.querySelectorAll('script[data-chart]').forEach(function (script) {
      charts.push({ box: document.getElementById(script.dataset.chart), data: JSON.parse(script.textContent), drawn: null, width: 0 });
    });
    showAll();
    var wait = 0;
    window.addEventListener('resize', function () {
      clearTimeout(wait);
      wait = setTimeout(function () {
        if (!printing && charts.some(function (c) { return c.width !== c.box.clientWidth; })) { showAll(); }
      }, 150);
    });
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', showAll);
    // On A4 a chart has 700 pixels, of two beside each other 336; colours are those of the style sheet for print.
    window.addEventListener('beforeprint', function () {
      printing = true;
      document.documentElement.classList.add('printing');
      charts.forEach(function (chart) { show(chart, chart.box.closest('.small') ? 336 : 700); });
    });
    window.addEventListener('afterprint', function () {
      printing = false;
      document.documentElement.classList.remove('printing');
      showAll();
    });
  }

  // A cell is sorted by the number it stands for; without one by its text.
  function compare(column, sign) {
    return function (a, b) {
      var x = a.cells[column], y = b.cells[column];
      if (x.dataset.key !== undefined && y.dataset.key !== undefined) { return sign * (Number(x.dataset.key) - Number(y.dataset.key)); }
      return sign * x.textContent.localeCompare(y.textContent, 'zh-CN', { numeric: true });
    };
  }

  function sortable(table) {
    var heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      var button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.textContent = '';
      head.appendChild(button);
      head.setAttribute('aria-sort', 'none');
      button.addEventListener('click', function () {
        var was = head.getAttribute('aria-sort');
        // Numbers are wanted largest first.
        var isDown = was === 'none' ? head.classList.contains('n') : was === 'ascending';
        heads.forEach(function (other) { other.setAttribute('aria-sort', 'none'); });
        head.setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
        var body = table.tBodies[0];
        Array.from(body.rows).sort(compare(column, isDown ? -1 : 1)).forEach(function (row) { body.appendChild(row); });
      });
    });
  }

  function plain(text) { return text.normalize('NFKC').toLowerCase(); }

  function searchable(input) {
    var rows = Array.from(document.getElementById(input.dataset.table).tBodies[0].rows);
    var texts = rows.map(function (row) { return plain(row.textContent); });
    var found = input.closest('.search').querySelector('.found');
    input.addEventListener('input', function () {
      var wanted = plain(input.value).split(/\s+/).filter(Boolean);
      var n = 0;
      rows.forEach(function (row, i) {
        row.hidden = !wanted.every(function (word) { return texts[i].includes(word); });
        if (!row.hidden) { n++; }
      });
      var foot = document.getElementById(input.dataset.table).tFoot;
      if (foot) { foot.hidden = n < rows.length; } // it adds up all rows, not those found
      found.textContent = wanted.length ? '找到 ' + n + ' ' + input.dataset.unit + '，共 ' + rows.length + ' ' + input.dataset.unit : '';
    });
  }

  document.querySelectorAll('table.sortable').forEach(sortable);
  document.querySelectorAll('input[data-table]').forEach(searchable);
  startCharts();
}());
