console.warn('Tendril: this build had no npm, so there is no widget. Install Node.js 20.19 or newer and build again.');
